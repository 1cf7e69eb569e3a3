using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Documents that can be read again and again, in the same order each time.</summary>
public interface IDocumentSource
{
    /// <summary>A short name for messages.</summary>
    string Name { get; }

    /// <summary>About how many documents <see cref="Read"/> gives, for progress; null when unknown.</summary>
    long? EstimatedCount { get; }

    /// <summary>Reads from the start, lazily: one document in memory at a time.</summary>
    /// <param name="problems">Counts what cannot be read and is skipped.</param>
    /// <param name="cancellationToken">Stops between documents.</param>
    /// <exception cref="MotException">The source as a whole cannot be read, or too much of it is bad.</exception>
    IEnumerable<Document> Read(ReadProblems problems, CancellationToken cancellationToken = default);
}
