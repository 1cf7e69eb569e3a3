using System.Collections.Immutable;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Grey images and class labels in IDX files, the format of MNIST:
/// <c>{"type": "idx", "images": "train-images.gz", "labels": "train-labels.gz", "classes": ["zero", …]}</c>.</summary>
public sealed record IdxRecipe : SourceRecipe
{
    /// <summary>The file of images (count x height x width bytes), gzip or not.</summary>
    public required string Images { get; init; }

    /// <summary>The file of labels (one byte each), gzip or not.</summary>
    public required string Labels { get; init; }

    /// <summary>The name of each class, from label 0.</summary>
    public required ImmutableArray<string> Classes { get; init; }

    /// <summary>Captions; <c>{class}</c> stands for the class. Each image draws one.</summary><value>Default: a few general ones.</value>
    public ImmutableArray<string> Templates { get; init; } = ["{class}", "a picture of {class}", "an image that shows {class}", "this is {class}"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> ListInputFiles() => [Images, Labels];

    /// <inheritdoc/>
    public override IDocumentSource Open(DataRecipe recipe) => new IdxSource(this, recipe.Sizes, recipe.Channels, recipe.Seed);

    /// <inheritdoc/>
    public override void Validate(DataRecipe recipe)
    {
        base.Validate(recipe);
        if (Classes.IsDefaultOrEmpty || Classes.Any(string.IsNullOrWhiteSpace))
            throw new ConfigException("idx: classes must name every label, from 0");
        if (Templates.IsDefaultOrEmpty || Templates.Any(t => !t.Contains(IdxSource.Placeholder, StringComparison.Ordinal)))
            throw new ConfigException($"idx: every one of templates must contain {IdxSource.Placeholder}");
    }
}
