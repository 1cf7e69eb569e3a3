using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Tokenizers;

public sealed class ImagePatcherTests
{
    private static readonly ImagePatcherConfig Config = new() { ImageWidth = 6, ImageHeight = 4, Channels = 3, PatchSize = 2 };

    [Fact]
    public void PatchesRunFromLeftToRightAndFromTopToBottom()
    {
        var image = new PixelImage(6, 4, 3, [.. Enumerable.Range(0, 72).Select(i => (byte)i)]);
        var patches = new ImagePatcher(Config).Encode(image).Numbers;
        Assert.Equal((6, 12, 3), (Config.Grids[0].PatchCount, Config.Grids[0].PatchDim, Config.Grids[0].Columns));
        int[] first = [0, 1, 2, 3, 4, 5, 18, 19, 20, 21, 22, 23]; // two pixels of the first row, two of the second
        Assert.Equal(first.Select(i => (i / 127.5f) - 1), patches[..12]);
        Assert.Equal(first.Select(i => ((i + 6) / 127.5f) - 1), patches[12..24]); // to the right
        Assert.Equal(first.Select(i => ((i + 36) / 127.5f) - 1), patches[36..48]); // below
    }

    [Fact]
    public void ImagesComeBackAsTheyWereEvenFromHalfPrecision()
    {
        var image = new PixelImage(6, 4, 3, [.. Enumerable.Range(0, 72).Select(i => (byte)(i * 37 % 256))]);
        var patcher = new ImagePatcher(Config);
        Assert.Equal(image.Samples, patcher.Decode(new ImagePatches(0, [.. patcher.Encode(image).Numbers.Select(number => (float)(Half)number)])).Samples);
        Assert.Equal([255, 0], patcher.Decode(new ImagePatches(0, [1.7f, -3, .. new float[70]])).Samples[..2]);
    }

    [Fact]
    public void ImagesOfSeveralSizesAreToldApartEvenWithAsManyPixels()
    {
        var patcher = new ImagePatcher(Config with { OtherSizes = [new(4, 6), new(2)] });
        PixelImage[] images = [new(4, 6, 3, [.. Enumerable.Range(0, 72).Select(i => (byte)i)]), new(2, 2, 3, new byte[12]), new(6, 4, 3, new byte[72])];
        var patches = patcher.Encode(images);
        Assert.Equal([1, 2, 0], patches.Select(p => p.SizeIndex));
        Assert.Equal([6, 6, 1], patcher.Grids.Select(g => g.PatchCount));
        foreach (var (image, decoded) in images.Zip(patcher.Decode(patches)))
        {
            Assert.Equal((image.Width, image.Height), (decoded.Width, decoded.Height));
            Assert.Equal(image.Samples, decoded.Samples);
        }
        Assert.Contains("patches of 6x4 pixels with 3 channels or 4x6 pixels with 3 channels or 2x2 pixels", Assert.Throws<MotException>(() => patcher.Encode(new PixelImage(6, 6, 3, new byte[108]))).Message);
        Assert.Same(patcher.Grids, patcher.Grids); // once, not for every image
        Assert.NotEqual(new ImagePatcher(Config).Fingerprint, patcher.Fingerprint);
        Assert.Contains("divide the 4x5 pixels", Assert.Throws<ConfigException>(() => new ImagePatcher(Config with { OtherSizes = [new(4, 5)] })).Message);
    }

    [Fact]
    public void OtherShapesAreErrors()
    {
        var patcher = new ImagePatcher(Config);
        Assert.Contains("resize it first", Assert.Throws<MotException>(() => patcher.Encode(new PixelImage(4, 6, 3, new byte[72]))).Message);
        Assert.Contains("one has 72", Assert.Throws<MotException>(() => patcher.Decode(new ImagePatches(0, new float[71]))).Message);
        Assert.Contains("size 3 must", Assert.Throws<ConfigException>(() => new ImagePatcher(Config with { PatchSize = 3 })).Message);
    }
}
