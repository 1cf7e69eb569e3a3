using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Lays images out side by side, for samples and reports.</summary>
public static class ImageGrid
{
    /// <summary>One RGB image that shows all of <paramref name="images"/>, row by row.</summary>
    /// <param name="images">At least one; each stands in the middle of a place as large as the largest.</param>
    /// <param name="columns">Images per row.</param>
    /// <param name="gap">Pixels between images and around them.</param>
    /// <param name="scale">Every pixel becomes a square of this many pixels.</param>
    /// <param name="background">The colour of the gaps; default white.</param>
    /// <exception cref="MotException">There are no images.</exception>
    public static PixelImage Tile(IReadOnlyList<PixelImage> images, int columns, int gap = 2, int scale = 1, Rgb? background = null)
    {
        if (images.Count == 0)
            throw new MotException("a grid needs at least one image");
        columns = Math.Min(columns, images.Count);
        var (widest, highest) = (images.Max(i => i.Width), images.Max(i => i.Height));
        var (cellWidth, cellHeight) = (widest * scale + gap, highest * scale + gap);
        var (width, height) = (columns * cellWidth + gap, (images.Count + columns - 1) / columns * cellHeight + gap);
        var colour = background ?? Rgb.White;
        var grid = new byte[width * height * 3];
        for (var i = 0; i < grid.Length; i += 3)
            (grid[i], grid[i + 1], grid[i + 2]) = (colour.Red, colour.Green, colour.Blue);

        for (var n = 0; n < images.Count; n++)
        {
            var image = ImageResizer.WithChannels(images[n], 3);
            var (left, top) = (gap + n % columns * cellWidth + (widest - image.Width) * scale / 2, gap + n / columns * cellHeight + (highest - image.Height) * scale / 2);
            for (var y = 0; y < image.Height * scale; y++)
                for (var x = 0; x < image.Width * scale; x++)
                    image.Samples.AsSpan((y / scale * image.Width + x / scale) * 3, 3).CopyTo(grid.AsSpan(((top + y) * width + left + x) * 3));
        }
        return new(width, height, 3, grid);
    }
}
