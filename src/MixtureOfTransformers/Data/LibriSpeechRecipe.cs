using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Recordings laid out as LibriSpeech: files <c>*.trans.txt</c> of lines <c>ID WORDS</c>, each beside its recordings <c>ID.flac</c> (or .wav, .ogg):
/// <c>{"type": "librispeech", "path": "LibriSpeech/dev-clean"}</c>.</summary>
public sealed record LibriSpeechRecipe : SourceRecipe
{
    /// <summary>The folder or zip.</summary>
    public required string Path { get; init; }

    /// <summary>Whether transcripts, which are in capitals, become lower case.</summary><value>Default: true.</value>
    public bool LowerCase { get; init; } = true;

    /// <summary>Longer recordings are skipped, and counted as bad.</summary><value>Default: 30 seconds.</value>
    public double MaxSeconds { get; init; } = 30;

    /// <inheritdoc/>
    public override IReadOnlyList<string> ListInputFiles() =>
        Directory.Exists(Path) ? [.. Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : File.Exists(Path) ? [Path] : [];

    /// <inheritdoc/>
    internal override IReadOnlyList<ModalityId> OwnModalities => [ModalityId.Text, ModalityId.Speech];

    /// <inheritdoc/>
    public override IDocumentSource Open(DataRecipe recipe) => new LibriSpeechSource(this, recipe.SampleRate);

    /// <inheritdoc/>
    public override void Validate(DataRecipe recipe)
    {
        base.Validate(recipe);
        if (Path.Length == 0)
            throw new ConfigException("librispeech: path is empty; give the folder that holds *.trans.txt, itself or in its folders");
        if (!(MaxSeconds > 0 && MaxSeconds <= 3600))
            throw new ConfigException($"librispeech: max_seconds {MaxSeconds} must be above 0 and at most 3600");
    }
}
