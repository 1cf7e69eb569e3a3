using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>What a <see cref="Comparison"/> found.</summary>
public sealed record ComparisonOutcome
{
    /// <summary>What was done.</summary>
    public required ComparisonPlan Plan { get; init; }

    /// <summary>Name of the architecture that the others are compared with.</summary>
    public string Baseline => Plan.Recipe.BaselineName;

    /// <summary>One run for each seed and architecture, in the order of the recipe.</summary>
    public required ImmutableArray<ArchitectureRun> Runs { get; init; }

    /// <summary>The learning rates that were tried; none without a sweep.</summary>
    public required ImmutableArray<LearningRateTrial> Sweep { get; init; }

    /// <summary>Samples of the runs of the first seed.</summary>
    public required ImmutableArray<ReportSample> Samples { get; init; }

    /// <summary>How good the image tokenizer is; null where there is none.</summary>
    public ImageTokenizerQuality? ImageTokenizer { get; init; }

    /// <summary>How speech comes out of tokens and of the models; null if there is no speech.</summary>
    public SpeechQuality? Speech { get; init; }

    /// <summary>How well the runs draw and describe; null where that was not to be measured.</summary>
    public ImageQuality? Images { get; init; }

    /// <summary>What a reader must know to judge the numbers.</summary>
    public required ImmutableArray<string> Notes { get; init; }
}
