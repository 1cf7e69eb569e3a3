namespace MixtureOfTransformers.Data;

/// <summary>Turns photographs upright that were stored as the sensor saw them.</summary>
internal static class ImageOrientation
{
    /// <summary>Undoes an EXIF orientation.</summary>
    /// <param name="image">The stored pixels.</param>
    /// <param name="orientation">1 to 8 as in EXIF; 1 is upright.</param>
    public static PixelImage Apply(PixelImage image, int orientation)
    {
        if (orientation is < 2 or > 8)
            return image;
        var swap = orientation >= 5;
        var (width, height) = swap ? (image.Height, image.Width) : (image.Width, image.Height);
        var samples = new byte[image.Samples.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (sx, sy) = orientation switch
                {
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (y, width - 1 - x),
                    7 => (height - 1 - y, width - 1 - x),
                    _ => (height - 1 - y, x),
                };
                image.Samples.AsSpan((sy * image.Width + sx) * image.Channels, image.Channels).CopyTo(samples.AsSpan((y * width + x) * image.Channels));
            }
        }
        return new(width, height, image.Channels, samples);
    }
}
