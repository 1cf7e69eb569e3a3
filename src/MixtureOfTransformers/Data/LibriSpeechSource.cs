using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Transcripts and recordings in the layout of LibriSpeech; a document is the transcript and then the recording, a FLAC, WAV or Ogg Vorbis file.</summary>
public sealed class LibriSpeechSource : IDocumentSource
{
    private const string Ending = ".trans.txt";
    private static readonly string[] _endings = [".flac", ".wav", ".ogg"];

    private readonly LibriSpeechRecipe _recipe;
    private readonly int _sampleRate;

    /// <summary>A source for the given folder or zip.</summary>
    /// <param name="recipe">Where it is.</param>
    /// <param name="sampleRate">Samples per second of the clips that come out.</param>
    /// <exception cref="MotException">There is no folder or zip, or it holds no transcripts.</exception>
    public LibriSpeechSource(LibriSpeechRecipe recipe, int sampleRate)
    {
        (_recipe, _sampleRate) = (recipe, sampleRate);
        using var archive = new MediaArchive(recipe.Path);
        if (!Transcripts(archive).Any())
            throw new MotException($"{recipe.Path} holds no *{Ending}; give the folder that holds them, itself or in its folders");
        EstimatedCount = Transcripts(archive).Sum(file => Lines(archive, file).LongCount());
    }

    /// <inheritdoc/>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(_recipe.Path));

    /// <inheritdoc/>
    public long? EstimatedCount { get; }

    /// <inheritdoc/>
    public IEnumerable<Document> Read(ReadProblems problems, CancellationToken cancellationToken = default)
    {
        using var archive = new MediaArchive(_recipe.Path);
        var names = archive.Names.ToHashSet(StringComparer.Ordinal);
        foreach (var file in Transcripts(archive))
            foreach (var line in Lines(archive, file))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var space = line.IndexOf(' ', StringComparison.Ordinal);
                var words = space < 1 ? "" : line[(space + 1)..].Trim();
                var stem = Path.Combine(Path.GetDirectoryName(file) ?? "", space < 1 ? line : line[..space]);
                if (words.Length == 0)
                    problems.Add(Name, file, $"the line '{line}' has no words after its recording");
                else if (Recording.Read(archive, _endings.Select(e => stem + e).FirstOrDefault(names.Contains) ?? $"{stem}.flac", _recipe.MaxSeconds, _sampleRate, Name, problems) is { } clip)
                    yield return new($"{Name}: {stem}", [new TextPart(_recipe.LowerCase ? words.ToLowerInvariant() : words), new SpeechPart(clip)]);
            }
    }

    private static IEnumerable<string> Transcripts(MediaArchive archive) => archive.Names.Where(n => n.EndsWith(Ending, StringComparison.Ordinal));

    private static IEnumerable<string> Lines(MediaArchive archive, string file)
    {
        using var reader = new StreamReader(archive.Open(file)!);
        while (reader.ReadLine() is { } line)
            if (!string.IsNullOrWhiteSpace(line))
                yield return line.Trim();
    }
}
