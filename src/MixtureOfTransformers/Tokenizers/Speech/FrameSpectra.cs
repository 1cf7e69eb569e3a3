// Legend: B stretches, M frames, F mel bands, K frequencies, N samples. Leading dimensions B may be missing.
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Sound to the short-time spectra of its frames and back. The sound reaches from the middle of the first frame to that of the last.</summary>
internal sealed class FrameSpectra(MelShape shape) : IDisposable
{
    /// <summary>[<see cref="MelShape.FftLength"/>]; owned by this object.</summary>
    public Tensor Window { get; } = tensor(shape.CreateWindow()).DetachFromDisposeScope();

    /// <summary>Frames with silence on either side, so that all of their sound lies between the first and the last.</summary>
    /// <param name="mel_MF">[M, F] in dB.</param>
    /// <param name="margin">Frames of silence on each side, at least 1.</param>
    /// <returns>[M + 2 · margin, F], owned by the caller's scope.</returns>
    public static Tensor Framed(Tensor mel_MF, int margin)
    {
        using var silence = full(margin, mel_MF.shape[1], MelShape.FloorDb, dtype: ScalarType.Float32);
        return cat([silence, mel_MF, silence], 0);
    }

    /// <returns>Complex [B, K, M], owned by the caller's scope.</returns>
    public Tensor Spectrum(Tensor sound_BN) =>
        stft(sound_BN, shape.FftLength, shape.Hop, shape.FftLength, Window, center: true, pad_mode: PaddingModes.Constant, return_complex: true);

    /// <returns>[B, N] with N = (M − 1) hops, owned by the caller's scope.</returns>
    public Tensor Sound(Tensor spectrum_BKM) => istft(spectrum_BKM, shape.FftLength, shape.Hop, shape.FftLength, Window, center: true);

    /// <summary>The samples of what was <see cref="Framed"/>, without the silence, within full scale.</summary>
    public float[] Samples(Tensor spectrum_KM, int margin)
    {
        using var scope = NewDisposeScope();
        return Sound(spectrum_KM).narrow(0, ((margin - 1) * shape.Hop) + (shape.Hop / 2), (spectrum_KM.shape[1] - (2 * margin)) * shape.Hop).clamp(-1, 1).data<float>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => Window.Dispose();
}
