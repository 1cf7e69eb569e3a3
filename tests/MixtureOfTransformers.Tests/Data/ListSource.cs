using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Tests.Data;

internal sealed class ListSource(IReadOnlyList<Document> documents) : IDocumentSource
{
    public string Name => "list";

    public long? EstimatedCount => documents.Count;

    public IEnumerable<Document> Read(ReadProblems problems, CancellationToken cancellationToken = default)
    {
        foreach (var document in documents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return document;
        }
    }
}
