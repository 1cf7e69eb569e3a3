namespace MixtureOfTransformers.Evaluation;

/// <summary>A cell of a <see cref="ReportTable"/>.</summary>
/// <param name="Text">What is shown, rounded.</param>
/// <param name="Exact">The number in full, where <paramref name="Text"/> is shortened.</param>
/// <param name="IsBest">Whether it is the best of those it is compared with.</param>
public sealed record TableCell(string Text, string? Exact = null, bool IsBest = false);
