using System.Text.Json;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Cli;

/// <summary>How a CLIP wants its images, from <c>preprocessor_config.json</c>: scaled to cover a square and cropped to it, and mean and deviation of each channel of samples from 0 to 1.</summary>
internal sealed record ClipPreprocessor
{
    /// <summary>Sides of the square: a number, or an object with height and width.</summary>
    public JsonElement CropSize { get; init; }

    /// <summary>What images are scaled to before they are cropped: a number, or an object with shortest_edge. Not given, it is the square.</summary>
    public JsonElement Size { get; init; }

    /// <summary>Mean of each channel.</summary>
    public required float[] ImageMean { get; init; }

    /// <summary>Deviation of each channel.</summary>
    public required float[] ImageStd { get; init; }

    /// <summary>Width and height in pixels.</summary>
    public int Side { get; private init; }

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="MotException">It is missing, or says something else than can be done here.</exception>
    public static ClipPreprocessor Read(string folder)
    {
        var path = Path.Combine(folder, "preprocessor_config.json");
        var read = JsonFile.Read(path, ClipJson.Default.ClipPreprocessor);
        if (SideOf(read.CropSize, "height", "width") is not { } side || read is not { ImageMean.Length: 3, ImageStd.Length: 3 } || !read.ImageStd.All(d => d > 0))
            throw new MotException($"{path} must give crop_size, of equal height and width, and image_mean and image_std of three channels");
        if (read.Size.ValueKind != JsonValueKind.Undefined && SideOf(read.Size, "shortest_edge") != side)
            throw new MotException($"{path} has size {read.Size.GetRawText()}; its shortest_edge must be {side} as crop_size: images are scaled to cover what is cropped, and no larger");
        return read with { Side = side };
    }

    /// <summary>The positive number that a value is, or that all these fields of it are.</summary>
    private static int? SideOf(JsonElement value, params string[] fields)
    {
        int?[] numbers = value.ValueKind == JsonValueKind.Object ? [.. fields.Select(field => value.TryGetProperty(field, out var number) ? Positive(number) : null)] : [Positive(value)];
        return numbers.Distinct().Count() == 1 ? numbers[0] : null;

        static int? Positive(JsonElement number) => number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var found) && found > 0 ? found : null;
    }

    /// <summary>An image as it goes into the network, [3, side, side].</summary>
    public float[] Apply(PixelImage image)
    {
        var samples = ImageResizer.Cover(ImageResizer.WithChannels(image, 3), Side, Side).Samples;
        var pixels = new float[samples.Length];
        for (var i = 0; i < samples.Length; i++)
            pixels[(i % 3 * Side * Side) + (i / 3)] = ((samples[i] / 255f) - ImageMean[i % 3]) / ImageStd[i % 3];
        return pixels;
    }
}
