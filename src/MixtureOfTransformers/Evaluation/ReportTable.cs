using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>A table ready to be shown: the console and the HTML report print the same one.</summary>
/// <param name="Title">What the table shows.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Rows">Its rows, one cell per column.</param>
public sealed record ReportTable(string Title, ImmutableArray<TableColumn> Columns, ImmutableArray<ImmutableArray<TableCell>> Rows);
