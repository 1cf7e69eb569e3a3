namespace MixtureOfTransformers.Training;

/// <summary>A validation after a step.</summary>
public sealed record ValidationMetrics : MetricsLine;
