using System.Text;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Plain text in UTF-8. Paragraphs (split at blank lines) are merged into documents up to a length; a longer paragraph is cut at a line end, or else at a space.</summary>
public sealed class TextFileSource : IDocumentSource
{
    private readonly IReadOnlyList<string> _files;
    private readonly int _maxCharacters;

    /// <summary>A source for the given files.</summary>
    /// <param name="files">Existing files, read in this order; a document never spans two.</param>
    /// <param name="maxCharacters">Most characters in a document.</param>
    /// <exception cref="MotException">A file does not exist.</exception>
    public TextFileSource(IReadOnlyList<string> files, int maxCharacters)
    {
        (_files, _maxCharacters) = (files, maxCharacters);
        EstimatedCount = files.Sum(f => File.Exists(f) ? 1 + new FileInfo(f).Length / maxCharacters : throw new MotException($"{f} does not exist"));
    }

    /// <inheritdoc/>
    public string Name => _files.Count == 1 ? Path.GetFileName(_files[0]) : $"{_files.Count} text files";

    /// <inheritdoc/>
    public long? EstimatedCount { get; }

    /// <summary>Reads from the start. Paragraphs that are not UTF-8 are skipped.</summary>
    /// <inheritdoc/>
    public IEnumerable<Document> Read(ReadProblems problems, CancellationToken cancellationToken = default) =>
        _files.SelectMany(file => Merge(file, Paragraphs(file, problems, cancellationToken)));

    private IEnumerable<Document> Merge(string file, IEnumerable<(int Line, string Text)> paragraphs)
    {
        var document = new StringBuilder();
        var first = 0;
        foreach (var (line, text) in paragraphs)
        {
            if (document.Length > 0 && document.Length + 2 + text.Length > _maxCharacters)
                yield return Complete();
            if (document.Length > 0)
                document.Append("\n\n");
            else
                first = line;
            document.Append(text);
        }
        if (document.Length > 0)
            yield return Complete();

        Document Complete()
        {
            var text = document.ToString();
            document.Clear();
            return new($"{Path.GetFileName(file)}: line {first}", [new TextPart(text)]);
        }
    }

    private IEnumerable<(int Line, string Text)> Paragraphs(string file, ReadProblems problems, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(file, Encoding.UTF8);
        var paragraph = new StringBuilder();
        var (first, number) = (1, 0);
        while (reader.ReadLine() is { } line)
        {
            cancellationToken.ThrowIfCancellationRequested();
            number++;
            var blank = string.IsNullOrWhiteSpace(line);
            if (paragraph.Length > 0 && (blank || paragraph.Length + 1 + line.Length > _maxCharacters))
            {
                if (Take(paragraph.Length) is { } text)
                    yield return (first, text);
            }
            if (blank)
                continue;
            if (paragraph.Length == 0)
                first = number;
            else
                paragraph.Append('\n');
            paragraph.Append(line);
            while (paragraph.Length > _maxCharacters)
            {
                if (Take(CutBefore(paragraph, _maxCharacters)) is { } piece)
                    yield return (first, piece);
            }
        }
        if (paragraph.Length > 0 && Take(paragraph.Length) is { } last)
            yield return (first, last);

        string? Take(int count)
        {
            var text = paragraph.ToString(0, count);
            paragraph.Remove(0, count);
            if (!text.Contains('\uFFFD'))
                return text;
            problems.Add(Name, $"{Path.GetFileName(file)} line {first}", "not UTF-8");
            return null;
        }
    }

    private static int CutBefore(StringBuilder text, int limit)
    {
        for (var i = limit; i > limit / 2; i--)
            if (text[i] == ' ')
                return i;
        return char.IsHighSurrogate(text[limit - 1]) ? limit - 1 : limit;
    }
}
