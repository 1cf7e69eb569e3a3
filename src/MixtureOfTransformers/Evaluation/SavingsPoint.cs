namespace MixtureOfTransformers.Evaluation;

/// <summary>What an architecture saves once each parameter has seen so many tokens.</summary>
/// <param name="TokensPerParameter">Tokens that the baseline has trained on by then, over its parameters that a token meets, embeddings and head left out.</param>
/// <param name="StepShare">Share of the baseline's steps needed for the best loss that the baseline has reached by then; none for a seed that does not reach it, or has it before its first
/// measurement.</param>
public sealed record SavingsPoint(double TokensPerParameter, SeedSpread StepShare);
