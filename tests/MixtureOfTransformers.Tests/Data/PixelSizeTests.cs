using System.Text.Json;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Data;

public sealed class PixelSizeTests
{
    private static readonly PixelSize[] Sizes = [new(32), new(24, 32), new(32, 24), new(16)];

    [Theory]
    [InlineData(100, 100, "32")]
    [InlineData(20, 20, "16")]
    [InlineData(300, 390, "24x32")]
    [InlineData(400, 310, "32x24")]
    [InlineData(1000, 10, "32x24")]
    [InlineData(1, 4096, "24x32")]
    public void AnImageGetsTheSizeOfTheNearestAspectAndThenArea(int width, int height, string expected) =>
        Assert.Equal(expected, PixelSize.Nearest(Sizes, width, height).ToString());

    [Fact]
    public void SizesAreNumbersOrWidthByHeight()
    {
        var recipe = JsonFile.Parse("""{"sources": [{"type": "scenes"}], "image_sizes": [32, "24x32", "16"]}""", "recipe.json", DataJson.Default.DataRecipe).Validate();
        Assert.Equal([new(32), new(24, 32), new(16)], recipe.Sizes);
        var json = JsonSerializer.Serialize(recipe, DataJson.Default.DataRecipe);
        Assert.Contains("24x32", json);
        Assert.Equal(recipe.Sizes, JsonFile.Parse(json, "recipe.json", DataJson.Default.DataRecipe).Sizes);
        Assert.DoesNotContain("image_sizes", JsonSerializer.Serialize(new DataRecipe { Sources = [new SceneRecipe()] }, DataJson.Default.DataRecipe)); // prepared data of one size keep their hash
        foreach (var wrong in new[] { "24x", "x24", "24x32x3", "-3", "", "wide" })
            Assert.Contains("such as 24x32", Assert.Throws<ConfigException>(() => PixelSize.Parse(wrong)).Message);
    }

    [Fact]
    public void ScenesAreDrawnInEverySizeWithTheirObjectsWhole()
    {
        PixelSize[] sizes = [new(16), new(32, 16), new(16, 24)];
        var images = new DataMix(new() { Sources = [new SceneRecipe { Count = 300, MaxObjects = 1, Patterns = false }], ImageSizes = [.. sizes] }).Read(new())
            .SelectMany(d => d.Document.Parts.OfType<ImagePart>()).Select(p => p.Image).ToList();
        Assert.All(sizes, size => Assert.InRange(images.Count(i => (i.Width, i.Height) == (size.Width, size.Height)), 70, 130));
        foreach (var image in images)
            Assert.Equal(Pixel(image, 0), Pixel(image, (image.Width * image.Height) - 1)); // background from corner to corner
        var square = images.Where(i => i.Width == 16 && i.Height == 16).Average(Painted);
        Assert.InRange(images.Where(i => i.Width == 32).Average(Painted), 0.7 * square, 1.3 * square); // as large as in the square
    }

    private static int Painted(PixelImage image) => Enumerable.Range(0, image.Width * image.Height).Count(i => Pixel(image, i) != Pixel(image, 0));

    private static Rgb Pixel(PixelImage image, int i) => new(image.Samples[3 * i], image.Samples[(3 * i) + 1], image.Samples[(3 * i) + 2]);
}
