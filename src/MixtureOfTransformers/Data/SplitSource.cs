namespace MixtureOfTransformers.Data;

/// <summary>The documents of another source that <see cref="SplitRule"/> puts on one side.</summary>
/// <param name="inner">The source to filter.</param>
/// <param name="side">The side to keep.</param>
/// <param name="validationFraction">Expected share of validation documents, 0 to 1.</param>
public sealed class SplitSource(IDocumentSource inner, DataSplit side, double validationFraction) : IDocumentSource
{
    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public long? EstimatedCount => (long?)(inner.EstimatedCount * (side == DataSplit.Validation ? validationFraction : 1 - validationFraction));

    /// <inheritdoc/>
    public IEnumerable<Document> Read(ReadProblems problems, CancellationToken cancellationToken = default) =>
        inner.Read(problems, cancellationToken).Where(document => SplitRule.SideOf(document, validationFraction) == side);
}
