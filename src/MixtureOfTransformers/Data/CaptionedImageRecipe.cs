using System.Collections.Immutable;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Images in a folder or zip with a file of captions, one JSON object per line:
/// <c>{"type": "captioned_images", "path": "photos.zip"}</c> reads lines such as <c>{"file": "cat.png", "caption": "a cat"}</c>.</summary>
public sealed record CaptionedImageRecipe : SourceRecipe
{
    /// <summary>The folder or zip.</summary>
    public required string Path { get; init; }

    /// <summary>The file of captions.</summary><value>Default: <c>captions.jsonl</c> inside <see cref="Path"/>, or else beside it.</value>
    public string? Captions { get; init; }

    /// <summary>The field with the image's name within <see cref="Path"/>.</summary><value>Default: <c>file</c>.</value>
    public string FileField { get; init; } = "file";

    /// <summary>The field with the caption.</summary><value>Default: <c>caption</c>.</value>
    public string CaptionField { get; init; } = "caption";

    /// <summary>Fields (text, or lists of texts) whose content is added to the caption in brackets.</summary><value>Default: none.</value>
    public ImmutableArray<string> ExtraFields { get; init; } = [];

    /// <summary>Only lines whose fields have these values are used, for instance <c>{"skintone": ""}</c>.</summary><value>Default: all lines.</value>
    public ImmutableSortedDictionary<string, string> Where { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What shows through where an image is transparent, as #rrggbb.</summary><value>Default: white.</value>
    public string Background { get; init; } = "#ffffff";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ListInputFiles() =>
        [.. new[] { Path, CaptionsFile }.OfType<string>().Where(File.Exists), .. Directory.Exists(Path) ? new CaptionedImageSource(this, 1, 1).ListImageFiles() : []];

    /// <summary>The captions as a file of its own; null when they are inside a zip.</summary>
    internal string? CaptionsFile => CaptionFile.Locate(Captions, Path, CaptionedImageSource.DefaultCaptions);

    /// <inheritdoc/>
    public override IDocumentSource Open(DataRecipe recipe) => new CaptionedImageSource(this, recipe.ImageSize, recipe.Channels);

    /// <inheritdoc/>
    public override void Validate(DataRecipe recipe)
    {
        base.Validate(recipe);
        if (Path.Length == 0)
            throw new ConfigException("captioned_images: path is empty; give a folder or zip of images");
        Rgb.Parse(Background);
    }
}
