using System.Collections.Immutable;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Checkpoints;

/// <summary>Checksums of the files of one checkpoint; written as <c>checksums.json</c>.</summary>
/// <param name="Files">By file name.</param>
public sealed record CheckpointChecksums(ImmutableSortedDictionary<string, FileChecksum> Files)
{
    /// <summary>Reads the named files of <paramref name="folder"/>.</summary>
    public static CheckpointChecksums Of(string folder, IEnumerable<string> names) =>
        new(names.ToImmutableSortedDictionary(name => name, name => FileChecksum.Of(Path.Combine(folder, name)), StringComparer.Ordinal));

    /// <summary>Compares the files of <paramref name="folder"/> with what they should be.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="required">Names that must be there.</param>
    /// <exception cref="CorruptFileException">A file is missing, truncated or damaged.</exception>
    public void Verify(string folder, IEnumerable<string> required)
    {
        foreach (var name in required.Union(Files.Keys))
        {
            var path = Path.Combine(folder, name);
            if (!Files.TryGetValue(name, out var expected))
                throw new CorruptFileException(path, "the file has no checksum in checksums.json");
            if (!File.Exists(path))
                throw new CorruptFileException(path, "the file is missing");
            var actual = FileChecksum.Of(path);
            if (actual.Bytes != expected.Bytes)
                throw new CorruptFileException(path, $"the file holds {actual.Bytes} bytes, expected {expected.Bytes}; it is truncated or was changed");
            if (actual.Sha256 != expected.Sha256)
                throw new CorruptFileException(path, $"the SHA-256 digest is {actual.Sha256}, expected {expected.Sha256}; the file is damaged or was changed");
        }
    }
}
