// Legend: B images, H rows, W columns, C channels.
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Images to tensors and back. In tensors samples run from -1 to 1.</summary>
internal static class ImageTensors
{
    private const double HalfRange = 127.5;

    /// <summary>The samples as they are.</summary>
    /// <param name="images">All of that shape.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="owner">What takes such images, for the message.</param>
    /// <returns>[B, H, W, C] of uint8, owned by the caller's scope.</returns>
    /// <exception cref="MotException">An image has another shape.</exception>
    public static Tensor Stack(IReadOnlyList<PixelImage> images, ImageShape shape, string owner)
    {
        foreach (var image in images)
            shape.Require(image, owner);
        var result = empty(images.Count, shape.Height, shape.Width, shape.Channels, ScalarType.Byte);
        for (var i = 0; i < images.Count; i++)
        {
            using var row = result[i];
            images[i].Samples.CopyTo(row.bytes);
        }
        return result;
    }

    /// <summary>Some of the images, drawn with replacement.</summary>
    /// <param name="samples_BHWC">[B, H, W, C] of uint8.</param>
    /// <param name="count">How many.</param>
    /// <param name="generator">Draws.</param>
    /// <returns>[count, C, H, W] of float32 from -1 to 1, owned by the caller's scope.</returns>
    public static Tensor Draw(Tensor samples_BHWC, int count, Generator generator)
    {
        using var scope = NewDisposeScope();
        var chosen = randint(0, samples_BHWC.shape[0], new long[] { count }, dtype: ScalarType.Int64, generator: generator);
        return Normalize(samples_BHWC.index_select(0, chosen)).MoveToOuterDisposeScope();
    }

    /// <param name="samples_BHWC">[B, H, W, C] of uint8.</param>
    /// <returns>[B, C, H, W] of float32 from -1 to 1, owned by the caller's scope.</returns>
    public static Tensor Normalize(Tensor samples_BHWC)
    {
        using var scope = NewDisposeScope();
        return samples_BHWC.permute(0, 3, 1, 2).to(ScalarType.Float32).contiguous().div_(HalfRange).sub_(1).MoveToOuterDisposeScope();
    }

    /// <param name="x_BCHW">[B, C, H, W]; values beyond -1 and 1 are clipped.</param>
    /// <returns>[B, H, W, C] of uint8, owned by the caller's scope.</returns>
    public static Tensor Quantize(Tensor x_BCHW)
    {
        using var scope = NewDisposeScope();
        return ((x_BCHW + 1) * HalfRange).round().clamp(0, 255).to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous().MoveToOuterDisposeScope();
    }

    /// <param name="samples_BHWC">[B, H, W, C] of uint8.</param>
    public static IEnumerable<PixelImage> Unstack(Tensor samples_BHWC)
    {
        var shape = samples_BHWC.shape;
        for (var i = 0; i < shape[0]; i++)
        {
            using var image = samples_BHWC[i];
            yield return new((int)shape[2], (int)shape[1], (int)shape[3], image.bytes.ToArray());
        }
    }
}
