// Legend: B images, C channels, H rows, W columns, K window.
using MixtureOfTransformers.Data;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>How near images are to their originals.</summary>
/// <param name="PsnrDb">Peak signal-to-noise ratio in dB, from the mean squared error over all samples at 8 bits.</param>
/// <param name="Ssim">Structural similarity (Wang et al. 2004), at most 1: the mean over images, channels and places of the window.</param>
internal readonly record struct ImageFidelity(double PsnrDb, double Ssim)
{
    private const int Window = 11;
    private const double WindowDeviation = 1.5;
    private const double LuminanceFloor = 0.01 * 0.01; // K1 and K2 of the paper, of a range of 1
    private const double ContrastFloor = 0.03 * 0.03;
    private const int ImagesAtOnce = 64;

    /// <summary>Compares images with their originals.</summary>
    /// <param name="originals">At least one.</param>
    /// <param name="copies">As many, each of its original's shape.</param>
    /// <param name="shape">The shape of all.</param>
    public static ImageFidelity Of(IReadOnlyList<PixelImage> originals, IReadOnlyList<PixelImage> copies, ImageShape shape)
    {
        var (error, similarity) = (0.0, 0.0);
        foreach (var pairs in originals.Zip(copies).Chunk(ImagesAtOnce))
        {
            using var scope = NewDisposeScope();
            var (a_BCHW, b_BCHW) = (Load([.. pairs.Select(p => p.First)]), Load([.. pairs.Select(p => p.Second)]));
            error += pairs.Length * (a_BCHW - b_BCHW).square().mean().item<float>();
            similarity += Similarity(a_BCHW, b_BCHW).sum().item<float>();
        }
        return new(Psnr(error / originals.Count), similarity / originals.Count);

        Tensor Load(PixelImage[] images) => ImageTensors.Stack(images, shape, "a comparison of").permute(0, 3, 1, 2).to(ScalarType.Float32) / 255;
    }

    /// <summary>Of a mean squared error relative to the squared range; 100 dB where there is no error.</summary>
    public static double Psnr(double relativeError) => -10 * Math.Log10(Math.Max(relativeError, 1e-10));

    /// <summary>The similarity of images whose samples run from 0 to 1. The window, 11x11 with Gaussian weights, is moved to all places where it fits, and is cut where an image is smaller.</summary>
    /// <returns>By image, [B], owned by the caller's scope.</returns>
    internal static Tensor Similarity(Tensor a_BCHW, Tensor b_BCHW)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = (Weights(a_BCHW.shape[2]), Weights(a_BCHW.shape[3]));
        Tensor Average(Tensor x_BCHW) => nn.functional.conv2d(x_BCHW.reshape(-1, 1, x_BCHW.shape[2], x_BCHW.shape[3]), rows.unsqueeze(1).mul(columns).unsqueeze(0).unsqueeze(0));
        var (meanA, meanB) = (Average(a_BCHW), Average(b_BCHW));
        var varianceA = Average(a_BCHW.square()) - meanA.square();
        var varianceB = Average(b_BCHW.square()) - meanB.square();
        var covariance = Average(a_BCHW * b_BCHW) - (meanA * meanB);
        var similarity = ((2 * meanA * meanB) + LuminanceFloor) * ((2 * covariance) + ContrastFloor)
            / ((meanA.square() + meanB.square() + LuminanceFloor) * (varianceA + varianceB + ContrastFloor));
        return similarity.reshape(a_BCHW.shape[0], -1).mean([1L]).MoveToOuterDisposeScope();
    }

    private static Tensor Weights(long pixels)
    {
        var count = Math.Min(Window, pixels);
        var weights_K = exp(-(arange(count, ScalarType.Float32) - ((count - 1) / 2.0)).square() / (2 * WindowDeviation * WindowDeviation));
        return weights_K / weights_K.sum();
    }
}
