using MixtureOfTransformers.Storage;
using SkiaSharp;

namespace MixtureOfTransformers.Data;

/// <summary>Image files: reads PNG, JPEG, WebP (also GIF and BMP, first frame), writes PNG.</summary>
public static class ImageCodec
{
    /// <summary>Larger images are refused, so that a few kilobytes of compressed nothing cannot fill the memory.</summary>
    public const long MaxPixels = 100_000_000;

    /// <summary>Longer files are not read from folders and archives, whatever they hold.</summary>
    internal const long MaxFileBytes = 256 << 20;

    /// <summary>Decodes a whole image to RGB at its own size; transparency is composited over <paramref name="background"/>, the orientation tag is followed.</summary>
    /// <exception cref="MotException">The bytes are not an image, are damaged or truncated, or the image exceeds <see cref="MaxPixels"/>.</exception>
    public static PixelImage Decode(ReadOnlySpan<byte> file, Rgb background)
    {
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data) ?? throw new MotException("not a PNG, JPEG or WebP image, or cut off at its start");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MaxPixels)
            throw new MotException($"an image of {width}x{height} pixels exceeds the limit of {MaxPixels / 1_000_000} million pixels; scale it down first");
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        var result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
            throw new MotException($"damaged or truncated image ({result})");
        return ImageOrientation.Apply(Composite(bitmap.GetPixelSpan(), width, height, background), (int)codec.EncodedOrigin);
    }

    /// <summary>Decodes an image to the nearest of some sizes (see <see cref="DataRecipe.ImageSizes"/>): scaled so that it covers it, then cropped around the centre.</summary>
    /// <param name="file">The encoded bytes.</param>
    /// <param name="sizes">Sizes of the result, at least one.</param>
    /// <param name="channels">1 grey or 3 RGB.</param>
    /// <param name="background">What shows through where the image is transparent.</param>
    /// <exception cref="MotException">As for <see cref="Decode(ReadOnlySpan{byte}, Rgb)"/>.</exception>
    public static PixelImage Decode(ReadOnlySpan<byte> file, IReadOnlyList<PixelSize> sizes, int channels, Rgb background)
    {
        var image = Decode(file, background);
        var size = PixelSize.Nearest(sizes, image.Width, image.Height);
        return ImageResizer.WithChannels(ImageResizer.Cover(image, size.Width, size.Height), channels);
    }

    /// <summary>Encodes an image as PNG.</summary>
    /// <param name="image">1 or 3 channels.</param>
    public static byte[] EncodePng(PixelImage image)
    {
        var rgb = ImageResizer.WithChannels(image, 3).Samples;
        var rgba = new byte[image.Width * image.Height * 4];
        for (int from = 0, to = 0; to < rgba.Length; from += 3, to += 4)
            (rgba[to], rgba[to + 1], rgba[to + 2], rgba[to + 3]) = (rgb[from], rgb[from + 1], rgb[from + 2], 255);
        using var skia = SKImage.FromPixelCopy(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), rgba);
        using var png = skia.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    /// <summary>Writes an image as a PNG file, atomically.</summary>
    public static void WritePng(string path, PixelImage image) => AtomicFile.WriteBytes(path, EncodePng(image));

    private static PixelImage Composite(ReadOnlySpan<byte> rgba, int width, int height, Rgb background)
    {
        var rgb = new byte[width * height * 3];
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
        {
            var alpha = rgba[from + 3];
            rgb[to] = Over(rgba[from], background.Red, alpha);
            rgb[to + 1] = Over(rgba[from + 1], background.Green, alpha);
            rgb[to + 2] = Over(rgba[from + 2], background.Blue, alpha);
        }
        return new(width, height, 3, rgb);
    }

    private static byte Over(int front, int back, int alpha) => (byte)((front * alpha + back * (255 - alpha) + 127) / 255);
}
