using System.Collections.Immutable;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Plain text files: <c>{"type": "text", "paths": ["books/**/*.txt"]}</c>.</summary>
public sealed record TextRecipe : SourceRecipe
{
    /// <summary>UTF-8 files; <c>*</c> and <c>?</c> match within a name, <c>**</c> any folders; at the end it means all files in them.</summary>
    public required ImmutableArray<string> Paths { get; init; }

    /// <summary>Paragraphs are merged into documents of at most this many characters.</summary><value>Default: 2000.</value>
    public int MaxCharacters { get; init; } = 2000;

    /// <inheritdoc/>
    internal override IReadOnlyList<ModalityId> OwnModalities => [ModalityId.Text];

    /// <inheritdoc/>
    public override IReadOnlyList<string> ListInputFiles() => [.. Paths.SelectMany(FilePattern.Expand)];

    /// <inheritdoc/>
    public override IDocumentSource Open(DataRecipe recipe) => new TextFileSource(ListInputFiles(), MaxCharacters);

    /// <inheritdoc/>
    public override void Validate(DataRecipe recipe)
    {
        base.Validate(recipe);
        if (Paths.IsDefaultOrEmpty)
            throw new ConfigException("text: paths is empty; name at least one file");
        if (MaxCharacters < 16)
            throw new ConfigException($"text: max_characters {MaxCharacters} must be at least 16");
    }
}
