using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How far a comparison is.</summary>
/// <param name="StepsDone">Steps of all architectures so far.</param>
/// <param name="StepsTotal">Steps of all architectures.</param>
/// <param name="Architecture">Which made the last step.</param>
/// <param name="Step">What that step did.</param>
public readonly record struct ComparisonProgress(long StepsDone, long StepsTotal, string Architecture, StepMetrics Step);
