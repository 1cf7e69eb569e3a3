// Legend: B stretches, N samples, K frequencies, M frames.
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>How much two sounds differ to the ear, which hardly hears phases: the magnitudes of their short-time spectra at several resolutions, their logarithms and their spectral convergence
/// (Yamamoto, Song and Kim 2020).</summary>
internal sealed class SpectralLoss : IDisposable
{
    private const double Power = 1e-8;     // keeps the gradient of silence finite
    private const double Magnitude = 1e-3; // below which differences hardly count

    private static readonly double[] _scales = [0.25, 0.5, 1, 2, 4]; // of the windows of frames

    private readonly Tensor[] _windows;

    public SpectralLoss(MelShape shape) => _windows = [.. _scales.Select(scale => hann_window(Math.Max(4, (long)(scale * shape.FftLength))).DetachFromDisposeScope())];

    /// <param name="sound_BN">[B, N].</param>
    /// <param name="wanted_BN">[B, N].</param>
    /// <returns>The mean over resolutions, and of it the mean difference of logarithms; owned by the caller's scope.</returns>
    public (Tensor Loss, Tensor LogDifference) Of(Tensor sound_BN, Tensor wanted_BN)
    {
        using var scope = NewDisposeScope();
        var (difference, convergence) = (zeros(1), zeros(1));
        foreach (var window in _windows)
        {
            var (a_BKM, b_BKM) = (Magnitudes(sound_BN, window), Magnitudes(wanted_BN, window));
            difference += ((a_BKM + Magnitude).log() - (b_BKM + Magnitude).log()).abs().mean();
            convergence += (a_BKM - b_BKM).square().sum().sqrt() / (b_BKM.square().sum().sqrt() + Magnitude);
        }
        difference /= _windows.Length;
        return ((difference + (convergence / _windows.Length)).MoveToOuterDisposeScope(), difference.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var window in _windows)
            window.Dispose();
    }

    private static Tensor Magnitudes(Tensor sound_BN, Tensor window)
    {
        var length = window.shape[0];
        var spectrum_BKM = stft(sound_BN, length, length / 4, length, window, center: true, pad_mode: PaddingModes.Constant, return_complex: true);
        return (view_as_real(spectrum_BKM).square().sum([-1L]) + Power).sqrt();
    }
}
