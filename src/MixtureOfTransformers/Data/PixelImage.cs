using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>An image in memory: 8-bit samples, rows from the top, channels interleaved (HWC).</summary>
public sealed class PixelImage
{
    /// <summary>Wraps <paramref name="samples"/> without copying.</summary>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="channels">Samples per pixel: 1 grey, 3 RGB.</param>
    /// <param name="samples">height · width · channels bytes.</param>
    /// <exception cref="MotException">The number of samples does not fit the shape.</exception>
    public PixelImage(int width, int height, int channels, byte[] samples)
    {
        if (width < 1 || height < 1 || channels < 1 || samples.Length != (long)width * height * channels)
            throw new MotException($"an image of {width}x{height} pixels with {channels} channels needs {(long)width * height * channels} samples, not {samples.Length}");
        (Width, Height, Channels, Samples) = (width, height, channels, samples);
    }

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Samples per pixel: 1 grey, 3 RGB.</summary>
    public int Channels { get; }

    /// <summary>The samples, [Height, Width, Channels]; shared, not copied.</summary>
    public byte[] Samples { get; }
}
