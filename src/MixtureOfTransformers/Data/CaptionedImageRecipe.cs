using System.Collections.Immutable;
using System.Text.Json.Serialization;
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

    /// <summary>The field with the name of a recording, within <see cref="Path"/>, in which the caption is said: such lines are caption, image and speech of one thing.</summary><value>Default: none.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? SpeechField { get; init; }

    /// <summary>Lines with longer recordings are skipped, and counted as bad.</summary><value>Default: 30 seconds.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MaxSeconds { get; init; }

    /// <summary>Only lines whose fields have these values are used, for instance <c>{"skintone": ""}</c>.</summary><value>Default: all lines.</value>
    public ImmutableSortedDictionary<string, string> Where { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What shows through where an image is transparent, as #rrggbb.</summary><value>Default: white.</value>
    public string Background { get; init; } = "#ffffff";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ListInputFiles() =>
        [.. new[] { Path, CaptionsFile }.OfType<string>().Where(File.Exists), .. Directory.Exists(Path) ? new CaptionedImageSource(this, [new(1)], 1).ListMediaFiles() : []];

    /// <summary>The captions as a file of its own; null when they are inside a zip.</summary>
    internal string? CaptionsFile => CaptionFile.Locate(Captions, Path, CaptionedImageSource.DefaultCaptions);

    /// <inheritdoc/>
    public override IDocumentSource Open(DataRecipe recipe) => new CaptionedImageSource(this, recipe.Sizes, recipe.Channels, recipe.SampleRate);

    /// <inheritdoc/>
    internal override IReadOnlyList<ModalityId> OwnModalities => SpeechField is null ? base.OwnModalities : [.. base.OwnModalities, ModalityId.Speech];

    /// <inheritdoc/>
    public override void Validate(DataRecipe recipe)
    {
        base.Validate(recipe);
        if (Path.Length == 0)
            throw new ConfigException("captioned_images: path is empty; give a folder or zip of images");
        if (!(MaxSeconds is null or (> 0 and <= 3600)))
            throw new ConfigException($"captioned_images: max_seconds {MaxSeconds} must be above 0 and at most 3600");
        Rgb.Parse(Background);
    }
}
