using CsCheck;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using SkiaSharp;

namespace MixtureOfTransformers.Tests.Data;

public sealed class ImageCodecTests
{
    private static readonly Gen<PixelImage> GenImage =
        from width in Gen.Int[1, 20]
        from height in Gen.Int[1, 20]
        from channels in Gen.OneOf(Gen.Const(1), Gen.Const(3))
        from samples in Gen.Byte.Array[width * height * channels]
        select new PixelImage(width, height, channels, samples);

    [Fact]
    public void PngKeepsEveryPixel() => GenImage.Sample(image =>
    {
        var read = ImageCodec.Decode(ImageCodec.EncodePng(image), Rgb.White);
        return read.Width == image.Width && read.Height == image.Height && read.Samples.SequenceEqual(ImageResizer.WithChannels(image, 3).Samples);
    }, iter: 50);

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void ReadsLossyFormats(SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(16, 12);
        bitmap.Erase(new SKColor(200, 100, 50));
        using var data = bitmap.Encode(format, 90);
        var image = ImageCodec.Decode(data.AsSpan(), Rgb.White);
        Assert.Equal((16, 12, 3), (image.Width, image.Height, image.Channels));
        Assert.InRange(image.Samples[0], 192, 208);
        Assert.InRange(image.Samples[2], 42, 58);
    }

    [Theory]
    [InlineData(0, 10, 20, 30)]
    [InlineData(255, 200, 100, 50)]
    [InlineData(128, 105, 60, 40)]
    public void TransparencyShowsTheBackground(int alpha, int red, int green, int blue)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(1, 1, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        bitmap.SetPixel(0, 0, new SKColor(200, 100, 50, (byte)alpha));
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        var image = ImageCodec.Decode(png.AsSpan(), new Rgb(10, 20, 30));
        Assert.InRange(image.Samples[0], red - 1, red + 1);
        Assert.InRange(image.Samples[1], green - 1, green + 1);
        Assert.InRange(image.Samples[2], blue - 1, blue + 1);
    }

    [Fact]
    public void DecodesToASquareOfTheCentre()
    {
        var wide = new PixelImage(30, 10, 3, new byte[900]);
        for (var i = 0; i < 300; i++)
            if (i % 30 is >= 10 and < 20)
                wide.Samples[3 * i] = 255;
        var image = ImageCodec.Decode(ImageCodec.EncodePng(wide), [new(10)], 3, Rgb.White);
        Assert.Equal(10, image.Width);
        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(255, image.Samples[3 * i]));
    }

    [Fact]
    public void TruncatedAndForeignFilesAreErrors()
    {
        var png = ImageCodec.EncodePng(new PixelImage(64, 64, 3, [.. Enumerable.Range(0, 64 * 64 * 3).Select(i => (byte)(i * 31 % 251))]));
        Assert.Throws<MotException>(() => ImageCodec.Decode(png.AsSpan(0, png.Length / 2), Rgb.White));
        Assert.Throws<MotException>(() => ImageCodec.Decode("no image at all"u8, Rgb.White));
        Assert.Throws<MotException>(() => ImageCodec.Decode([], Rgb.White));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 3)]
    [InlineData(4, 2)]
    [InlineData(5, 0)]
    [InlineData(6, 2)]
    [InlineData(7, 3)]
    [InlineData(8, 1)]
    public void OrientationTagIsFollowed(int orientation, int topLeft)
    {
        var stored = new PixelImage(2, 2, 1, [0, 1, 2, 3]);
        Assert.Equal(topLeft, ImageOrientation.Apply(stored, orientation).Samples[0]);
    }

    [Fact]
    public void QuarterTurnSwapsWidthAndHeight()
    {
        var upright = ImageOrientation.Apply(new PixelImage(3, 2, 1, [0, 1, 2, 3, 4, 5]), 6);
        Assert.Equal((2, 3), (upright.Width, upright.Height));
        Assert.Equal([3, 0, 4, 1, 5, 2], upright.Samples);
    }
}
