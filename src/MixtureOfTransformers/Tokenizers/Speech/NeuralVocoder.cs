// Legend: M frames, F mel bands, K frequencies.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Log-mel frames to sound by a trained network, which gives the spectrum of every frame at once. A sample depends on few frames, so that a long sound that is made in blocks is the same as one
/// that is made as a whole.</summary>
/// <param name="network">Stays the caller's.</param>
/// <param name="shape">Its frames.</param>
internal sealed class NeuralVocoder(VocoderNetwork network, MelShape shape) : IVocoder
{
    private readonly FrameSpectra _spectra = new(shape);

    /// <summary>Frames on either side that the sound of one depends on: those that its spectra depend on, and those whose windows reach into it.</summary>
    private int Context => network.Context + (shape.FftLength / 2 / shape.Hop) + 1;

    /// <inheritdoc/>
    public IEnumerable<float[]> Synthesize(int count, Func<int, int, Tensor> frames, int framesAtOnce)
    {
        for (var first = 0; first < count; first += framesAtOnce)
        {
            var last = Math.Min(count, first + framesAtOnce);
            var (from, to) = (Math.Max(0, first - Context), Math.Min(count, last + Context));
            using var mel_MF = frames(from, to - from);
            yield return Synthesize(mel_MF)[((first - from) * shape.Hop)..((last - from) * shape.Hop)];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _spectra.Dispose();

    private float[] Synthesize(Tensor mel_MF)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var spectrum_KM = network.call(FrameSpectra.Framed(mel_MF, Context).unsqueeze(0)).squeeze(0);
        return _spectra.Samples(spectrum_KM, Context);
    }
}
