namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>One run in a <see cref="ScalingLaw"/>.</summary>
/// <param name="Run">Its name.</param>
/// <param name="Size">Parameters, or tokens of a step.</param>
/// <param name="Loss">Its validation loss in nats per token of the modality.</param>
public sealed record ScalingPoint(string Run, double Size, double Loss);
