namespace MixtureOfTransformers.Evaluation;

/// <summary>What training an architecture cost over the seeds of a study.</summary>
public sealed record CostSummary
{
    /// <summary>Short name, such as <c>dense</c> or <c>mot</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Parameters stored.</summary>
    public required long Parameters { get; init; }

    /// <summary>Parameters that one token meets.</summary>
    public required long ActivatedParameters { get; init; }

    /// <summary>Peak learning rate; 0 where the runs do not tell.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Training FLOPs per token, forward and backward.</summary>
    public required SeedSpread FlopsPerToken { get; init; }

    /// <summary>Optimizer steps.</summary>
    public required SeedSpread Steps { get; init; }

    /// <summary>Tokens trained on, of all modalities.</summary>
    public required SeedSpread Tokens { get; init; }

    /// <summary>Training FLOPs, forward and backward.</summary>
    public required SeedSpread Flops { get; init; }

    /// <summary>Training seconds, evaluations left out.</summary>
    public required SeedSpread Seconds { get; init; }

    /// <summary>Training seconds per step.</summary>
    public required SeedSpread SecondsPerStep { get; init; }

    /// <summary>Seconds per step over those of the baseline's run of the same seed; 1 for the baseline.</summary>
    public required SeedSpread StepTimeRatio { get; init; }
}
