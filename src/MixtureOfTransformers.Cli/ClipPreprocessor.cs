using System.Text.Json;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Cli;

/// <summary>How a CLIP wants its images, from <c>preprocessor_config.json</c>: a square, and mean and deviation of each channel of samples from 0 to 1.</summary>
internal sealed record ClipPreprocessor
{
    /// <summary>Sides of the square: a number, or an object with height and width.</summary>
    public JsonElement CropSize { get; init; }

    /// <summary>Mean of each channel.</summary>
    public required float[] ImageMean { get; init; }

    /// <summary>Deviation of each channel.</summary>
    public required float[] ImageStd { get; init; }

    /// <summary>Width and height in pixels.</summary>
    public int Side { get; private init; }

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="MotException">It is missing or says something else.</exception>
    public static ClipPreprocessor Read(string folder)
    {
        var path = Path.Combine(folder, "preprocessor_config.json");
        var read = JsonFile.Read(path, ClipJson.Default.ClipPreprocessor);
        var crop = read.CropSize.ValueKind == JsonValueKind.Object && read.CropSize.TryGetProperty("height", out var height) ? height : read.CropSize;
        return crop.ValueKind == JsonValueKind.Number && crop.TryGetInt32(out var side) && side > 0 && read is { ImageMean.Length: 3, ImageStd.Length: 3 } && read.ImageStd.All(d => d > 0) ? read with { Side = side }
            : throw new MotException($"{path} must give crop_size, and image_mean and image_std of three channels");
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
