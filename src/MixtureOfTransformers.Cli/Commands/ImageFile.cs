using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>Image files that the command line names.</summary>
internal static class ImageFile
{
    /// <summary>Reads one in the nearest of some sizes, on white where it is transparent; see <see cref="ImageCodec.Decode(ReadOnlySpan{byte}, IReadOnlyList{PixelSize}, int, Rgb)"/>.</summary>
    /// <exception cref="MotException">The file is missing or no whole image; the message names it.</exception>
    public static PixelImage Read(string path, IReadOnlyList<PixelSize> sizes, int channels)
    {
        if (!File.Exists(path))
            throw new MotException(Directory.Exists(path) ? $"{path} is a folder; name an image file" : $"{path} does not exist");
        try
        {
            return ImageCodec.Decode(File.ReadAllBytes(path), sizes, channels, Rgb.White);
        }
        catch (MotException error)
        {
            throw new MotException($"{path}: {error.Message}", error);
        }
    }
}
