using System.Text;
using System.Text.Json;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Training;

/// <summary>Writes <c>metrics.jsonl</c>: one JSON object a line, on disk when <see cref="Write"/> returns.</summary>
public sealed class MetricsLog : IDisposable
{
    private readonly FileStream _file;

    /// <summary>Opens the log to go on after <paramref name="step"/>: lines of later steps, and a line cut off by a kill, are removed.</summary>
    /// <param name="path">The file; made when missing.</param>
    /// <param name="step">The last step whose lines stay.</param>
    public MetricsLog(string path, long step)
    {
        var kept = File.Exists(path) ? ReadBytes(path).TakeWhile(line => line.Metrics.Step <= step).Sum(line => line.Bytes) : 0;
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        _file.SetLength(kept);
        _file.Seek(0, SeekOrigin.End);
    }

    /// <summary>Appends a line.</summary>
    /// <exception cref="MotException">The disk is full or cannot be written.</exception>
    public void Write(MetricsLine line)
    {
        try
        {
            _file.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(line, MetricsJson.Default.MetricsLine) + "\n"));
            _file.Flush(flushToDisk: true);
        }
        catch (IOException error)
        {
            throw new MotException($"cannot write {_file.Name}: {error.Message}; free space on the disk, then resume", error);
        }
    }

    /// <summary>Reads a log. A last line without its end is left out, as a kill may leave one.</summary>
    /// <exception cref="CorruptFileException">A line is not what it should be.</exception>
    public static IReadOnlyList<MetricsLine> Read(string path)
    {
        if (!File.Exists(path))
            throw new MotException($"{path} does not exist; it is written by training");
        return [.. ReadBytes(path).Select(line => line.Metrics)];
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static IEnumerable<(MetricsLine Metrics, long Bytes)> ReadBytes(string path)
    {
        string text;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        using (var reader = new StreamReader(file, Encoding.UTF8))
            text = reader.ReadToEnd();
        var number = 0;
        for (var (start, end) = (0, text.IndexOf('\n')); end >= 0; (start, end) = (end + 1, text.IndexOf('\n', end + 1)))
        {
            number++;
            var line = text[start..end];
            MetricsLine metrics;
            try
            {
                metrics = JsonSerializer.Deserialize(line, MetricsJson.Default.MetricsLine)!;
            }
            catch (Exception error) when (error is JsonException or NotSupportedException)
            {
                throw new CorruptFileException(path, $"line {number} is not a line of metrics: {error.Message}", error);
            }
            yield return (metrics, Encoding.UTF8.GetByteCount(line) + 1);
        }
    }
}
