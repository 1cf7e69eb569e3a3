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
    public void SmallerImagesStandInTheMiddleOfTheirPlaces()
    {
        var grid = ImageGrid.Tile([new PixelImage(1, 3, 1, [7, 8, 9]), new PixelImage(3, 1, 1, [1, 2, 3])], columns: 2, gap: 1, background: Rgb.Black);
        Assert.Equal((9, 5), (grid.Width, grid.Height));
        Assert.Equal([0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 1, 2, 3, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0], Enumerable.Range(9, 27).Select(i => (int)grid.Samples[3 * i]));
        Assert.Throws<MotException>(() => ImageGrid.Tile([], 2));
    }
}
