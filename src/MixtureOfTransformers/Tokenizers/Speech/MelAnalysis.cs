// Legend: M frames, F mel bands, K frequencies.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Sound to log-mel frames: the power in each band in dB, where a sine of full scale at the middle of a band has about 0 dB.</summary>
internal sealed class MelAnalysis : IDisposable
{
    private const int FramesAtOnce = 8192;

    private readonly MelShape _shape;
    private readonly Tensor _window;
    private readonly Tensor _filters_FK;

    public MelAnalysis(MelShape shape)
    {
        _shape = shape;
        _window = tensor(shape.CreateWindow()).DetachFromDisposeScope();
        _filters_FK = tensor(MelFilters.Create(shape.MelCount, shape.SampleRate, shape.FftLength)).DetachFromDisposeScope();
    }

    /// <summary>The frames of a sound, each centred on its hop; what lies before and after the sound is silence.</summary>
    /// <param name="samples">Any number of samples, at the shape's rate.</param>
    /// <returns>⌈samples / hop⌉ frames, [M, F], in dB and at least <see cref="MelShape.FloorDb"/>; owned by the caller's scope.</returns>
    public Tensor Compute(float[] samples)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var window = new SlidingSamples([samples]);
        var count = (samples.Length + _shape.Hop - 1) / _shape.Hop;
        var parts = new List<Tensor>();
        for (var first = 0; first < count; first += FramesAtOnce)
            parts.Add(Frames(first, Math.Min(FramesAtOnce, count - first), window.Read));
        return (parts.Count == 0 ? empty(0, _shape.MelCount) : cat(parts, 0)).MoveToOuterDisposeScope();
    }

    /// <summary>Some of the frames of a sound.</summary>
    /// <param name="first">The first.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="read">The samples from one place to another, zeros where there are none.</param>
    /// <returns>[M, F], owned by the caller's scope.</returns>
    public Tensor Frames(long first, int count, Func<long, long, float[]> read)
    {
        using var scope = NewDisposeScope();
        var start = (first * _shape.Hop) - _shape.Lead;
        var stretch = read(start, start + ((long)(count - 1) * _shape.Hop) + _shape.FftLength);
        var spectrum_KM = stft(tensor(stretch), _shape.FftLength, _shape.Hop, _shape.FftLength, _window, center: false, return_complex: true);
        var power_KM = spectrum_KM.abs().mul_(2 / _window.sum()).square();
        return _filters_FK.mm(power_KM).t().clamp_min_(Math.Pow(10, MelShape.FloorDb / 10)).log10_().mul_(10).contiguous().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _window.Dispose();
        _filters_FK.Dispose();
    }
}
