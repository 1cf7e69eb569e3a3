using System.Text.Json.Serialization;
using MixtureOfTransformers.Data.Scenes;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>The built-in scenes: <c>{"type": "scenes", "count": 20000}</c>.</summary>
public sealed record SceneRecipe : SourceRecipe
{
    /// <summary>Number of scenes, training and validation together.</summary><value>Default: 10 000.</value>
    public long Count { get; init; } = 10_000;

    /// <summary>Most objects in a scene, 1 to 3.</summary><value>Default: 2.</value>
    public int MaxObjects { get; init; } = 2;

    /// <summary>The smallest size of an object that is alone in its scene: small, medium or large.</summary><value>Default: small.</value>
    public SceneSize SmallestSize { get; init; }

    /// <summary>Whether some backgrounds fade or are striped.</summary><value>Default: true.</value>
    public bool Patterns { get; init; } = true;

    /// <summary>Whether captions say colour and shape alone, such as "a red circle".</summary><value>Default: false.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ShortCaptions { get; init; }

    /// <inheritdoc/>
    public override IDocumentSource Open(DataRecipe recipe) => new SceneSource(Options(recipe));

    /// <inheritdoc/>
    public override void Validate(DataRecipe recipe)
    {
        base.Validate(recipe);
        Options(recipe).Validate();
        if (recipe.Channels != 3)
            throw new ConfigException($"scenes are drawn in colour; set channels to 3, not {recipe.Channels}");
        if (Split is not null)
            throw new ConfigException("scenes are split by what they show; leave out split and set validation_fraction");
    }

    private SceneOptions Options(DataRecipe recipe) => new()
    {
        Count = Count,
        MaxObjects = MaxObjects,
        SmallestSize = SmallestSize,
        Patterns = Patterns,
        ShortCaptions = ShortCaptions,
        ImageSizes = recipe.Sizes,
        Seed = recipe.Seed,
    };
}
