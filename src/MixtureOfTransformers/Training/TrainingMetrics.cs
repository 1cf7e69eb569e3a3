namespace MixtureOfTransformers.Training;

/// <summary>A logged training step.</summary>
public sealed record TrainingMetrics : MetricsLine
{
    /// <summary>Learning rate of this step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Norm of the gradient before clipping.</summary>
    public required double GradNorm { get; init; }

    /// <summary>Tokens per second of training since the line before.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>10⁹ matmul FLOPs per second of training since the line before.</summary>
    public required double Gflops { get; init; }

    /// <summary>Updates that the spike guard has skipped since the line before.</summary>
    public required int SkippedUpdates { get; init; }
}
