using System.Collections.Immutable;

namespace MixtureOfTransformers.Data;

/// <summary>One training document: parts in order, each of one modality.</summary>
/// <param name="Name">Where it came from, for messages (file and entry or line).</param>
/// <param name="Parts">The parts in reading order.</param>
public sealed record Document(string Name, ImmutableArray<DocumentPart> Parts)
{
    /// <summary>Documents with the same key are always on the same side of the train/validation split. Null: the content decides, see <see cref="SplitRule"/>.</summary>
    public string? SplitKey { get; init; }

    /// <summary>The side that the data set itself puts the document on; null where it says nothing.</summary>
    public DataSplit? Split { get; init; }
}
