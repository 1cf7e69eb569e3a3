using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>The runs of one seed of a <see cref="ComparisonStudy"/>, with the fields of a <see cref="ComparisonReport"/>.</summary>
public sealed record SeedComparison
{
    /// <summary>Seed of the runs.</summary>
    public required long Seed { get; init; }

    /// <summary>One entry per architecture and modality, the baseline first.</summary>
    public required ImmutableArray<ComparisonResult> Results { get; init; }

    /// <summary>Step matching of every architecture but the baseline, per split, modality and axis.</summary>
    public required ImmutableArray<StepMatch> Matches { get; init; }

    /// <summary>The loss curves of all architectures.</summary>
    public required ImmutableArray<LossCurve> Curves { get; init; }
}
