using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Shape of images that are cut into patches; written as <c>config.json</c>.</summary>
public sealed record ImagePatcherConfig
{
    /// <summary>Pixels per row, a multiple of <see cref="PatchSize"/>.</summary>
    public required int ImageWidth { get; init; }

    /// <summary>Rows, a multiple of <see cref="PatchSize"/>.</summary>
    public required int ImageHeight { get; init; }

    /// <summary>Samples per pixel: 1 grey, 3 RGB.</summary>
    public required int Channels { get; init; }

    /// <summary>Pixels of a patch along each side.</summary>
    public required int PatchSize { get; init; }

    /// <summary>The patches.</summary>
    [JsonIgnore]
    public PatchGrid Grid => new(ImageWidth, ImageHeight, Channels, PatchSize);

    /// <summary>This configuration, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both.</exception>
    public ImagePatcherConfig Validate()
    {
        if (ImageWidth is < 1 or > 4096 || ImageHeight is < 1 or > 4096 || Channels is not (1 or 3))
            throw new ConfigException($"image patches: {ImageWidth}x{ImageHeight} pixels with {Channels} channels must be 1 to 4096 pixels a side with 1 or 3 channels");
        Grid.Validate("pixels");
        return this;
    }
}
