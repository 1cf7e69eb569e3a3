using System.Collections.Immutable;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Scenes;

/// <summary>How many scenes, of which kind.</summary>
public sealed record SceneOptions
{
    /// <summary>Number of scenes.</summary>
    public long Count { get; init; } = 10_000;

    /// <summary>Another seed gives other scenes.</summary>
    public long Seed { get; init; }

    /// <summary>Sizes of the pictures, at least one; each scene gets one of them by chance. What is to be seen is inside the square in the middle.</summary>
    public ImmutableArray<PixelSize> ImageSizes { get; init; } = [new(32)];

    /// <summary>Most objects in a scene, 1 to 3; fewer are as likely.</summary>
    public int MaxObjects { get; init; } = 2;

    /// <summary>The smallest size of an object that is alone in its scene. Small pictures show small objects poorly.</summary>
    public SceneSize SmallestSize { get; init; }

    /// <summary>Whether some backgrounds fade from one colour to another or are striped; otherwise all are plain.</summary>
    public bool Patterns { get; init; } = true;

    /// <summary>Whether captions say colour and shape alone, each by one word.</summary>
    public bool ShortCaptions { get; init; }

    /// <summary>These options, checked.</summary>
    /// <exception cref="ConfigException">A value is out of range.</exception>
    public SceneOptions Validate()
    {
        if (Count < 1)
            throw new ConfigException($"scenes: count {Count} must be at least 1");
        if (ImageSizes.IsDefaultOrEmpty || ImageSizes.Any(s => s is not { Width: >= 8 and <= 1024, Height: >= 8 and <= 1024 }))
            throw new ConfigException($"scenes: image_size {(ImageSizes.IsDefault ? "" : string.Join(", ", ImageSizes))} must be from 8 to 1024 pixels");
        if (MaxObjects is < 1 or > 3)
            throw new ConfigException($"scenes: max_objects {MaxObjects} must be from 1 to 3");
        if (!Enum.IsDefined(SmallestSize))
            throw new ConfigException($"scenes: smallest_size {SmallestSize} must be small, medium or large");
        return this;
    }
}
