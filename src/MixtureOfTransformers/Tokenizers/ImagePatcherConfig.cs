using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Shapes of images that are cut into patches; written as <c>config.json</c>.</summary>
public sealed record ImagePatcherConfig
{
    /// <summary>Pixels per row, a multiple of <see cref="PatchSize"/>; where there are several sizes, of the first.</summary>
    public required int ImageWidth { get; init; }

    /// <summary>Rows, a multiple of <see cref="PatchSize"/>; where there are several sizes, of the first.</summary>
    public required int ImageHeight { get; init; }

    /// <summary>Samples per pixel: 1 grey, 3 RGB.</summary>
    public required int Channels { get; init; }

    /// <summary>Pixels of a patch along each side.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Sizes after the first.</summary><value>None.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<PixelSize> OtherSizes { get; init; }

    /// <summary>All sizes of images.</summary>
    [JsonIgnore]
    public ImmutableArray<PixelSize> Sizes => [new(ImageWidth, ImageHeight), .. OtherSizes.IsDefault ? [] : OtherSizes];

    /// <summary>The patches of each size.</summary>
    [JsonIgnore]
    public ImmutableArray<PatchGrid> Grids => [.. Sizes.Select(s => new PatchGrid(s.Width, s.Height, Channels, PatchSize))];

    /// <summary>This configuration, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both.</exception>
    public ImagePatcherConfig Validate()
    {
        foreach (var grid in Grids)
        {
            if (grid.Width is < 1 or > 4096 || grid.Height is < 1 or > 4096 || Channels is not (1 or 3))
                throw new ConfigException($"image patches: {grid.Width}x{grid.Height} pixels with {Channels} channels must be 1 to 4096 pixels a side with 1 or 3 channels");
            grid.Validate("pixels");
        }
        return this;
    }
}
