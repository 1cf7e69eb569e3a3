// Legend: M frames, F mel bands, K frequencies, N samples.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Log-mel frames back to sound: the frequencies' power by non-negative least squares, their phases by the fast Griffin-Lim algorithm
/// (Griffin and Lim 1984; Perraudin, Balazs and Søndergaard 2013).</summary>
internal sealed class GriffinLim : IDisposable
{
    private const int PowerRounds = 60;
    private const int PhaseRounds = 48;
    private const double Momentum = 0.99;
    private const double Tiny = 1e-12;
    private const double TopDb = 20;
    private const ulong PhaseSeed = 1; // the same frames always give the same sound

    private readonly MelShape _shape;
    private readonly Tensor _window;
    private readonly Tensor _filters_FK;

    public GriffinLim(MelShape shape)
    {
        _shape = shape;
        _window = tensor(shape.CreateWindow()).DetachFromDisposeScope();
        _filters_FK = tensor(MelFilters.Create(shape.MelCount, shape.SampleRate, shape.FftLength)).DetachFromDisposeScope();
    }

    /// <summary>A sound with these frames.</summary>
    /// <param name="mel_MF">Frames in dB, [M, F].</param>
    /// <returns>M hops of samples, within full scale.</returns>
    public float[] Synthesize(Tensor mel_MF)
    {
        if (mel_MF.shape[0] == 0)
            return [];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(PhaseSeed);
        using var silence = zeros(1, mel_MF.shape[1]).add(MelShape.FloorDb);
        using var framed = cat([silence, mel_MF, silence], 0); // the inverse reaches from the middle of the first frame to that of the last
        var magnitude_KM = Power(framed).sqrt().mul(_window.sum() / 2).t().contiguous();
        var phase = rand(magnitude_KM.shape, generator: generator) * (2 * Math.PI);
        var spectrum = polar(magnitude_KM, phase);
        var previous = zeros_like(spectrum);
        for (var round = 0; round < PhaseRounds; round++)
        {
            using var inner = NewDisposeScope();
            var consistent = Spectrum(Sound(spectrum));
            var ahead = consistent - (previous * (Momentum / (1 + Momentum)));
            previous = consistent.MoveToOuterDisposeScope();
            spectrum = (ahead / ahead.abs().clamp_min(Tiny) * magnitude_KM).MoveToOuterDisposeScope();
        }
        return Sound(spectrum).narrow(0, _shape.Hop / 2, mel_MF.shape[0] * _shape.Hop).clamp(-1, 1).data<float>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _window.Dispose();
        _filters_FK.Dispose();
    }

    /// <summary>[M, K]: multiplicative updates, which keep it non-negative (Lee and Seung 2001).</summary>
    private Tensor Power(Tensor mel_MF)
    {
        using var scope = NewDisposeScope();
        var target_MF = pow(10, mel_MF.clamp(MelShape.FloorDb, TopDb) / 10) - Math.Pow(10, MelShape.FloorDb / 10);
        var wanted_MK = target_MF.mm(_filters_FK);
        var overlap_KK = _filters_FK.t().mm(_filters_FK);
        var power_MK = wanted_MK.clone();
        for (var round = 0; round < PowerRounds; round++)
            power_MK.mul_(wanted_MK / power_MK.mm(overlap_KK).clamp_min(Tiny));
        return power_MK.MoveToOuterDisposeScope();
    }

    private Tensor Spectrum(Tensor sound_N) =>
        stft(sound_N, _shape.FftLength, _shape.Hop, _shape.FftLength, _window, center: true, pad_mode: TorchSharp.PaddingModes.Constant, return_complex: true);

    private Tensor Sound(Tensor spectrum_KM) => istft(spectrum_KM, _shape.FftLength, _shape.Hop, _shape.FftLength, _window, center: true);
}
