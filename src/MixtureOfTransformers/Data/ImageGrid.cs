using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Lays images out side by side, for samples and reports.</summary>
public static class ImageGrid
{
    /// <summary>One RGB image that shows all of <paramref name="images"/>, row by row.</summary>
    /// <param name="images">At least one; all of the same width and height.</param>
    /// <param name="columns">Images per row.</param>
    /// <param name="gap">Pixels between images and around them.</param>
    /// <param name="scale">Every pixel becomes a square of this many pixels.</param>
    /// <param name="background">The colour of the gaps; default white.</param>
    /// <exception cref="MotException">There are no images or their sizes differ.</exception>
    public static PixelImage Tile(IReadOnlyList<PixelImage> images, int columns, int gap = 2, int scale = 1, Rgb? background = null)
    {
        if (images.Count == 0 || images.Any(i => i.Width != images[0].Width || i.Height != images[0].Height))
            throw new MotException("a grid needs at least one image, and all of the same size");
        columns = Math.Min(columns, images.Count);
        var (cellWidth, cellHeight) = (images[0].Width * scale + gap, images[0].Height * scale + gap);
        var (width, height) = (columns * cellWidth + gap, (images.Count + columns - 1) / columns * cellHeight + gap);
        var colour = background ?? Rgb.White;
        var grid = new byte[width * height * 3];
        for (var i = 0; i < grid.Length; i += 3)
            (grid[i], grid[i + 1], grid[i + 2]) = (colour.Red, colour.Green, colour.Blue);

        for (var n = 0; n < images.Count; n++)
        {
            var image = ImageResizer.WithChannels(images[n], 3);
            var (left, top) = (gap + n % columns * cellWidth, gap + n / columns * cellHeight);
            for (var y = 0; y < image.Height * scale; y++)
                for (var x = 0; x < image.Width * scale; x++)
                    image.Samples.AsSpan((y / scale * image.Width + x / scale) * 3, 3).CopyTo(grid.AsSpan(((top + y) * width + left + x) * 3));
        }
        return new(width, height, 3, grid);
    }
}
