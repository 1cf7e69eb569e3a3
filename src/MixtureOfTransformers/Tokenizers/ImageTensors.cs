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
    /// <param name="images">All of the shape that <paramref name="config"/> names.</param>
    /// <param name="config">The shape.</param>
    /// <returns>[B, H, W, C] of uint8, owned by the caller's scope.</returns>
    /// <exception cref="MotException">An image has another shape.</exception>
    public static Tensor Stack(IReadOnlyList<PixelImage> images, ImageTokenizerConfig config)
    {
        foreach (var image in images)
            if ((image.Width, image.Height, image.Channels) != (config.ImageWidth, config.ImageHeight, config.Channels))
                throw new MotException($"an image of {image.Width}x{image.Height} pixels with {image.Channels} channels does not fit an image tokenizer for "
                    + $"{config.ImageWidth}x{config.ImageHeight} with {config.Channels}; resize it first");
        var result = empty(images.Count, config.ImageHeight, config.ImageWidth, config.Channels, ScalarType.Byte);
        for (var i = 0; i < images.Count; i++)
        {
            using var row = result[i];
            images[i].Samples.CopyTo(row.bytes);
        }
        return result;
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
