namespace MixtureOfTransformers.Training;

/// <summary>What one step of training did.</summary>
public sealed record StepMetrics
{
    /// <summary>The step, counted from 1.</summary>
    public required long Step { get; init; }

    /// <summary>Tokens trained on since the start of the run.</summary>
    public required long Tokens { get; init; }

    /// <summary>Matmul FLOPs since the start of the run, forward and backward.</summary>
    public required double Flops { get; init; }

    /// <summary>Seconds of training since the start of the run, without validation and saving.</summary>
    public required double Seconds { get; init; }

    /// <summary>Learning rate of this step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Norm of the gradient before clipping.</summary>
    public required double GradNorm { get; init; }

    /// <summary>Mean cross-entropy over the step's targets, in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>The same by modality of the target; modalities without targets are left out.</summary>
    public required IReadOnlyDictionary<string, double> ModalityLoss { get; init; }

    /// <summary>Whether the spike guard skipped the update.</summary>
    public bool Skipped { get; init; }
}
