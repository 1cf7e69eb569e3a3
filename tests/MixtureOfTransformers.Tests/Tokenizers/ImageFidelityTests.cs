using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Tokenizers;

public sealed class ImageFidelityTests
{
    /// <summary>The expected numbers are those of a program that follows the definition window by window, without convolutions.</summary>
    [Fact]
    public void SimilarityIsThatOfItsDefinition()
    {
        var colours = Image(14, 12, 3, 37, 5);
        Assert.Equal(0.983019, Of(colours, Changed(colours, (sample, i) => Math.Min(255, (sample * 7 / 8) + (i % 5 * 6)))).Ssim, 1e-5);
        var grey = Image(16, 8, 1, 11, 3); // lower than the window
        Assert.Equal(0.652391, Of(grey, Changed(grey, (sample, i) => i % 7 == 0 ? 255 - sample : sample)).Ssim, 1e-5);
    }

    [Fact]
    public void EqualImagesHaveSimilarityOneAndHundredDecibels()
    {
        var image = Image(20, 16, 3, 37, 5);
        var fidelity = Of(image, image);
        Assert.Equal((1, 100), (Math.Round(fidelity.Ssim, 5), fidelity.PsnrDb));
    }

    [Fact]
    public void FlatImagesDifferInTheirBrightnessAlone()
    {
        PixelImage Flat(int value) => new(12, 12, 1, [.. Enumerable.Repeat((byte)value, 144)]);
        var fidelity = Of(Flat(51), Flat(102)); // 0.2 and 0.4 of the range
        Assert.Equal(((2 * 0.2 * 0.4) + 1e-4) / ((0.2 * 0.2) + (0.4 * 0.4) + 1e-4), fidelity.Ssim, 1e-4);
        Assert.Equal(-20 * Math.Log10(0.2), fidelity.PsnrDb, 1e-4);
    }

    private static ImageFidelity Of(PixelImage original, PixelImage copy) => ImageFidelity.Of([original], [copy], new(original.Width, original.Height, original.Channels));

    private static PixelImage Image(int width, int height, int channels, int step, int start) =>
        new(width, height, channels, [.. Enumerable.Range(0, width * height * channels).Select(i => (byte)(((i * step) + start + (i * i % 23)) % 256))]);

    private static PixelImage Changed(PixelImage image, Func<int, int, int> change) => new(image.Width, image.Height, image.Channels, [.. image.Samples.Select((sample, i) => (byte)change(sample, i))]);
}
