using CsCheck;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Data;

public sealed class ImageResizerTests
{
    [Fact]
    public void FlatImagesStayFlat() => Gen.Select(Gen.Int[1, 70], Gen.Int[1, 70], Gen.Int[1, 40], Gen.Byte).Sample((width, height, size, value) =>
    {
        var flat = new PixelImage(width, height, 3, [.. Enumerable.Repeat(value, width * height * 3)]);
        var resized = ImageResizer.Cover(flat, size, size);
        return resized.Width == size && resized.Height == size && resized.Samples.All(s => s == value);
    }, iter: 100);

    [Fact]
    public void ShrinkingKeepsTheMean()
    {
        var random = new SeededRandom(1);
        var noise = new PixelImage(96, 96, 1, [.. Enumerable.Range(0, 96 * 96).Select(_ => (byte)random.Next(256))]);
        Assert.InRange(ImageResizer.Cover(noise, 8, 8).Samples.Average(s => s), 120, 135);
    }

    [Fact]
    public void RampStaysARamp()
    {
        var ramp = new PixelImage(64, 64, 1, [.. Enumerable.Range(0, 64 * 64).Select(i => (byte)(i % 64 * 4))]);
        var row = ImageResizer.Cover(ramp, 16, 16).Samples[..16];
        for (var x = 1; x < 15; x++)
            Assert.InRange(row[x], 4 * (4 * x + 1.5) - 1, 4 * (4 * x + 1.5) + 1);
    }

    [Theory]
    [InlineData(1, 30_000_000)]
    [InlineData(30_000_000, 1)]
    public void NarrowestImagesAreCutToTheirCentre(int width, int height)
    {
        var image = new PixelImage(width, height, 3, new byte[3 * 30_000_000]);
        image.Samples.AsSpan(3 * 14_999_000, 3 * 2_000).Fill(200);
        Assert.Equal(Enumerable.Repeat((byte)200, 32 * 32 * 3), ImageResizer.Cover(image, 32, 32).Samples);
    }

    [Fact]
    public void ImagesBeyondTheMemoryAreErrors() =>
        Assert.Contains("too large to scale to 30000x30000", Assert.Throws<MotException>(() => ImageResizer.Cover(new PixelImage(1, 1, 3, [0, 0, 0]), 30_000, 30_000)).Message);

    [Fact]
    public void GreyOfGreyRgbIsTheSame()
    {
        var grey = new PixelImage(16, 16, 1, [.. Enumerable.Range(0, 256).Select(i => (byte)i)]);
        Assert.Equal(grey.Samples, ImageResizer.WithChannels(ImageResizer.WithChannels(grey, 3), 1).Samples);
    }

    [Fact]
    public void OtherChannelCountsAreRefused() =>
        Assert.Contains("1 (grey) and 3 (RGB)", Assert.Throws<MotException>(() => ImageResizer.WithChannels(new PixelImage(1, 1, 2, [0, 0]), 3)).Message);
}
