namespace MixtureOfTransformers.Evaluation;

/// <summary>A column of a <see cref="ReportTable"/>.</summary>
/// <param name="Header">Its heading.</param>
/// <param name="Explanation">What it says, in one sentence.</param>
/// <param name="IsNumber">Whether its cells are aligned to the right.</param>
public sealed record TableColumn(string Header, string Explanation, bool IsNumber = true);
