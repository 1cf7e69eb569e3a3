using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Transcripts and recordings from a folder or zip; a document is the transcript and then the recording.</summary>
public sealed class CaptionedSpeechSource : IDocumentSource
{
    /// <summary>The name of the file of transcripts when none is given.</summary>
    public const string DefaultTranscripts = "transcripts.jsonl";

    private readonly CaptionedSpeechRecipe _recipe;
    private readonly int _sampleRate;
    private readonly CaptionFile _transcripts;
    private readonly Lazy<long> _count;

    /// <summary>A source for the given fields.</summary>
    /// <param name="recipe">Where the recordings and transcripts are.</param>
    /// <param name="sampleRate">Samples per second of the clips that come out.</param>
    /// <exception cref="MotException">The recordings or the transcripts do not exist.</exception>
    public CaptionedSpeechSource(CaptionedSpeechRecipe recipe, int sampleRate)
    {
        (_recipe, _sampleRate) = (recipe, sampleRate);
        _transcripts = new(Name, recipe.TranscriptsFile, DefaultTranscripts, new(recipe.FileField, recipe.TextField, recipe.Where) { Split = recipe.SplitField, Phrases = recipe.PhrasesField, Speaker = recipe.SpeakerField });
        using var archive = new MediaArchive(recipe.Path);
        _transcripts.Open(archive).Dispose();
        _count = new(Count);
    }

    /// <inheritdoc/>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(_recipe.Path));

    /// <summary>The lines that will be used, counted exactly on the first call.</summary>
    public long? EstimatedCount => _count.Value;

    /// <inheritdoc/>
    public IEnumerable<Document> Read(ReadProblems problems, CancellationToken cancellationToken = default)
    {
        using var archive = new MediaArchive(_recipe.Path);
        foreach (var line in _transcripts.Lines(archive, problems))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Recording.Read(archive, line.File, _recipe.MaxSeconds, _sampleRate, Name, problems) is not { } clip)
                continue;
            if (line.Phrases is [.., var last] && last.Start + SpokenPhrase.Shortest > clip.Seconds)
                problems.Add(Name, line.File, FormattableString.Invariant($"the phrase '{last.Text}' begins at {last.Start:0.##} s, but the recording ends at {clip.Seconds:0.##} s"));
            else
                yield return new($"{Name}: {line.File}", [new TextPart(line.Caption), new SpeechPart(clip) { Phrases = line.Phrases, Speaker = line.Speaker }]) { Split = line.Split };
        }
    }

    /// <summary>Where the recordings that the transcripts name are or would be; nothing for a zip.</summary>
    internal IReadOnlyList<string> ListRecordings()
    {
        using var archive = new MediaArchive(_recipe.Path);
        return [.. _transcripts.Lines(archive, new ReadProblems(int.MaxValue)).Select(line => archive.PathOf(line.File)).OfType<string>()];
    }

    private long Count()
    {
        using var archive = new MediaArchive(_recipe.Path);
        return _transcripts.Lines(archive, new ReadProblems(int.MaxValue)).LongCount();
    }
}
