using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>The file of captions or transcripts of a folder or zip, one JSON object per line.</summary>
/// <param name="source">The source's name, for messages.</param>
/// <param name="path">The file; null where it is inside the archive under its default name.</param>
/// <param name="defaultName">Its name inside the archive.</param>
/// <param name="fields">Which fields hold what.</param>
internal sealed class CaptionFile(string source, string? path, string defaultName, CaptionFields fields)
{
    /// <summary>Where the file is: as given, or in the folder, or beside the zip; null when it is inside a zip.</summary>
    public static string? Locate(string? given, string archive, string defaultName)
    {
        if (given is not null)
            return given;
        if (Directory.Exists(archive))
            return Path.Combine(archive, defaultName);
        var beside = Path.Combine(Path.GetDirectoryName(archive) ?? "", defaultName);
        return File.Exists(beside) ? beside : null;
    }

    /// <summary>The lines that the filter lets through; bad ones are skipped and counted.</summary>
    public IEnumerable<CaptionLine> Lines(MediaArchive archive, ReadProblems problems)
    {
        using var reader = new StreamReader(Open(archive));
        for (var number = 1; reader.ReadLine() is { } text; number++)
        {
            if (string.IsNullOrWhiteSpace(text))
                continue;
            CaptionLine? line = null;
            try
            {
                line = CaptionLine.Parse(text, fields);
            }
            catch (MotException error)
            {
                problems.Add(source, $"{Path.GetFileName(path ?? defaultName)} line {number}", error.Message);
            }
            if (line is not null)
                yield return line;
        }
    }

    /// <exception cref="MotException">There is no such file.</exception>
    public Stream Open(MediaArchive archive)
    {
        if (path is null)
            return archive.Open(defaultName) ?? throw new MotException($"{source}: there is no {defaultName} in it or beside it; name the file in \"{Path.GetFileNameWithoutExtension(defaultName)}\"");
        return File.Exists(path) ? File.OpenRead(path) : throw new MotException($"{path} does not exist; it should hold one JSON object per line");
    }
}
