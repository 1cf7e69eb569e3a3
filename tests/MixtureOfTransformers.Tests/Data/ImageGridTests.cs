using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Data;

public sealed class ImageGridTests
{
    [Fact]
    public void ImagesStandInReadingOrderBetweenGaps()
    {
        var images = Enumerable.Range(1, 3).Select(n => new PixelImage(1, 1, 1, [(byte)n])).ToList();
        var grid = ImageGrid.Tile(images, columns: 2, gap: 1, scale: 2, background: Rgb.Black);
        Assert.Equal((7, 7, 3), (grid.Width, grid.Height, grid.Channels));
        byte[] red = [.. Enumerable.Range(0, 49).Select(i => grid.Samples[3 * i])];
        Assert.Equal(
            [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 2, 2, 0, 0, 1, 1, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], red);
    }

    [Fact]
    public void DifferentSizesAreRefused() =>
        Assert.Throws<MotException>(() => ImageGrid.Tile([new PixelImage(1, 1, 1, [0]), new PixelImage(2, 1, 1, [0, 0])], 2));
}
