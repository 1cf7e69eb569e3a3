// Legend: M frames, F mel bands, K frequencies, N samples.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Log-mel frames back to sound: the frequencies' power by non-negative least squares, their phases by the fast Griffin-Lim algorithm
/// (Griffin and Lim 1984; Perraudin, Balazs and Søndergaard 2013). It needs no training; as its phases depend on all frames, stretches of a long sound fade into each other.</summary>
internal sealed class GriffinLim : IVocoder
{
    private const int PowerRounds = 60;
    private const int PhaseRounds = 48;
    private const double Momentum = 0.99;
    private const double Tiny = 1e-12;
    private const double TopDb = 20;
    private const ulong PhaseSeed = 1; // the same frames always give the same sound
    private const int OverlapFrames = 8; // of stretches of sound that are made one after the other

    private readonly MelShape _shape;
    private readonly FrameSpectra _spectra;
    private readonly Tensor _filters_FK;

    public GriffinLim(MelShape shape)
    {
        _shape = shape;
        _spectra = new(shape);
        _filters_FK = tensor(MelFilters.Create(shape.MelCount, shape.SampleRate, shape.FftLength)).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public IEnumerable<float[]> Synthesize(int count, Func<int, int, Tensor> frames, int framesAtOnce)
    {
        var join = new SoundJoin(OverlapFrames * _shape.Hop);
        for (var first = 0; first < count; first += framesAtOnce)
        {
            var isLast = count - first <= framesAtOnce + OverlapFrames; // no stretch is shorter than the overlap
            using var mel_MF = frames(first, isLast ? count - first : framesAtOnce + OverlapFrames);
            yield return join.Add(Synthesize(mel_MF), isLast);
            if (isLast)
                yield break;
        }
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
        var magnitude_KM = Power(FrameSpectra.Framed(mel_MF, margin: 1)).sqrt().mul(_spectra.Window.sum() / 2).t().contiguous();
        var phase = rand(magnitude_KM.shape, generator: generator) * (2 * Math.PI);
        var spectrum = polar(magnitude_KM, phase);
        var previous = zeros_like(spectrum);
        for (var round = 0; round < PhaseRounds; round++)
        {
            using var inner = NewDisposeScope();
            var consistent = _spectra.Spectrum(_spectra.Sound(spectrum));
            var ahead = consistent - (previous * (Momentum / (1 + Momentum)));
            previous = consistent.MoveToOuterDisposeScope();
            spectrum = (ahead / ahead.abs().clamp_min(Tiny) * magnitude_KM).MoveToOuterDisposeScope();
        }
        return _spectra.Samples(spectrum, margin: 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _spectra.Dispose();
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
}
