namespace MixtureOfTransformers.Evaluation.Causality;

/// <summary>One stage of the forward pass over all changes.</summary>
/// <param name="Name">The stage.</param>
/// <param name="Scale">The largest absolute output.</param>
/// <param name="Control">The largest absolute change among passes that differ in nothing but the order of sums: one repeated, and one with the rows in reverse order.</param>
/// <param name="Tolerance">A change above this counts as moved.</param>
/// <param name="MaxChange">The largest absolute change of an output before a change or in another row.</param>
/// <param name="MovedShare">The share of those outputs that moved, 0 to 1.</param>
public sealed record CausalityStage(string Name, double Scale, double Control, double Tolerance, double MaxChange, double MovedShare);
