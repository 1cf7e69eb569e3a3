using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Recordings in a folder or zip with a file of transcripts, one JSON object per line:
/// <c>{"type": "captioned_speech", "path": "recordings.zip"}</c> reads lines such as <c>{"file": "a.wav", "text": "seven"}</c>.</summary>
public sealed record CaptionedSpeechRecipe : SourceRecipe
{
    /// <summary>The folder or zip of WAV, FLAC or Ogg Vorbis files.</summary>
    public required string Path { get; init; }

    /// <summary>The file of transcripts.</summary><value>Default: <c>transcripts.jsonl</c> inside <see cref="Path"/>, or else beside it.</value>
    public string? Transcripts { get; init; }

    /// <summary>The field with the recording's name within <see cref="Path"/>.</summary><value>Default: <c>file</c>.</value>
    public string FileField { get; init; } = "file";

    /// <summary>The field with the transcript.</summary><value>Default: <c>text</c>.</value>
    public string TextField { get; init; } = "text";

    /// <summary>The field with the phrases or words of the transcript and when they begin, such as <c>[{"text": "seven", "start": 0.42}, …]</c>, in seconds ("word" is read like "text", as speech
    /// recognizers write it); lines may lack it. See <see cref="DataRecipe.Interleave"/>.</summary><value>Default: none.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? PhrasesField { get; init; }

    /// <summary>The field with the name of who speaks; lines may lack it. Half of the texts that are then spoken name the speaker first, as in <c>george: seven</c>, so that speech can be asked for in
    /// the voice of one of them, or of any.</summary><value>Default: none.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? SpeakerField { get; init; }

    /// <summary>The field with the side of the data: what begins with "train", or with "test", "valid" or "dev".</summary><value>Default: none; documents are shared out by their sound.</value>
    public string? SplitField { get; init; }

    /// <summary>Only lines whose fields have these values are used.</summary><value>Default: all lines.</value>
    public ImmutableSortedDictionary<string, string> Where { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Longer recordings are skipped, and counted as bad.</summary><value>Default: 30 seconds.</value>
    public double MaxSeconds { get; init; } = 30;

    /// <summary>The transcripts as a file of their own; null when they are inside a zip.</summary>
    internal string? TranscriptsFile => CaptionFile.Locate(Transcripts, Path, CaptionedSpeechSource.DefaultTranscripts);

    /// <inheritdoc/>
    public override IReadOnlyList<string> ListInputFiles() =>
        [.. new[] { Path, TranscriptsFile }.OfType<string>().Where(File.Exists), .. Directory.Exists(Path) ? new CaptionedSpeechSource(this, 16000).ListRecordings() : []];

    /// <inheritdoc/>
    internal override IReadOnlyList<ModalityId> OwnModalities => [ModalityId.Text, ModalityId.Speech];

    /// <inheritdoc/>
    public override IDocumentSource Open(DataRecipe recipe) => new CaptionedSpeechSource(this, recipe.SampleRate);

    /// <inheritdoc/>
    public override void Validate(DataRecipe recipe)
    {
        base.Validate(recipe);
        if (Path.Length == 0)
            throw new ConfigException("captioned_speech: path is empty; give a folder or zip of recordings");
        if (!(MaxSeconds > 0 && MaxSeconds <= 3600))
            throw new ConfigException($"captioned_speech: max_seconds {MaxSeconds} must be above 0 and at most 3600");
    }
}
