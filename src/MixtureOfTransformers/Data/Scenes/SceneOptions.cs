using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Scenes;

/// <summary>How many scenes, of which kind.</summary>
public sealed record SceneOptions
{
    /// <summary>Number of scenes.</summary>
    public long Count { get; init; } = 10_000;

    /// <summary>Another seed gives other scenes.</summary>
    public long Seed { get; init; }

    /// <summary>Width and height of the pictures in pixels.</summary>
    public int ImageSize { get; init; } = 32;

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
        if (ImageSize is < 8 or > 1024)
            throw new ConfigException($"scenes: image_size {ImageSize} must be from 8 to 1024 pixels");
        if (MaxObjects is < 1 or > 3)
            throw new ConfigException($"scenes: max_objects {MaxObjects} must be from 1 to 3");
        if (!Enum.IsDefined(SmallestSize))
            throw new ConfigException($"scenes: smallest_size {SmallestSize} must be small, medium or large");
        return this;
    }
}
