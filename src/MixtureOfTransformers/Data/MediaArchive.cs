using System.IO.Compression;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Named files in a folder or a zip.</summary>
internal sealed class MediaArchive : IDisposable
{
    private readonly string? _folder;
    private readonly ZipArchive? _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];

    /// <summary>Opens a folder or zip.</summary>
    /// <exception cref="MotException">There is neither at <paramref name="path"/>.</exception>
    /// <exception cref="CorruptFileException">The file is not a zip, or is truncated.</exception>
    public MediaArchive(string path)
    {
        if (Directory.Exists(path))
        {
            _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + Path.DirectorySeparatorChar;
            return;
        }
        if (!File.Exists(path))
            throw new MotException($"{path} does not exist; give a folder or zip");
        try
        {
            _zip = ZipFile.OpenRead(path);
            foreach (var entry in _zip.Entries)
                _entries.TryAdd(entry.FullName, entry);
        }
        catch (InvalidDataException error)
        {
            _zip?.Dispose();
            throw new CorruptFileException(path, "not a zip file, or truncated; copy or download it again", error);
        }
    }

    /// <summary>Opens a file for reading; null when there is none of that name, or it would lie outside the folder.</summary>
    /// <exception cref="InvalidDataException">The zip is damaged there.</exception>
    public Stream? Open(string name)
    {
        if (_folder is null)
            return _entries.GetValueOrDefault(name)?.Open();
        return PathOf(name) is { } path && File.Exists(path) ? File.OpenRead(path) : null;
    }

    /// <summary>The names of all files, in order.</summary>
    public IEnumerable<string> Names => _folder is null ? _entries.Keys.Where(n => !n.EndsWith('/')).Order(StringComparer.Ordinal)
        : Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder, f)).Order(StringComparer.Ordinal);

    /// <summary>The content of a file; null as for <see cref="Open"/>.</summary>
    /// <param name="name">The file.</param>
    /// <param name="limit">Most bytes, after decompression.</param>
    /// <exception cref="MotException">The file is longer.</exception>
    /// <exception cref="InvalidDataException">The zip is damaged there.</exception>
    public byte[]? Read(string name, long limit)
    {
        using var stream = Open(name);
        if (stream is null)
            return null;
        var length = _folder is null ? _entries[name].Length : stream.Length;
        if (length > limit)
            throw new MotException($"a file of {length} bytes exceeds the limit of {limit}; make it smaller first");
        var bytes = new byte[length]; // a zip may claim another length than it holds, but not have more than that read
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Where a file of the folder is or would be; null in a zip, and for what would lie outside or can be no file.</summary>
    public string? PathOf(string name)
    {
        if (_folder is null || name.Contains('\0'))
            return null;
        var path = Path.GetFullPath(name, _folder);
        return path.StartsWith(_folder, StringComparison.Ordinal) ? path : null;
    }

    public void Dispose() => _zip?.Dispose();
}
