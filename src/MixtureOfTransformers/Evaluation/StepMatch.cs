using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How much of a dense run's cost another run needs for the same losses; made by <see cref="StepMatching"/>.</summary>
public sealed record StepMatch
{
    /// <summary>The architecture compared with the dense one.</summary>
    public required string Architecture { get; init; }

    /// <summary>The modality whose loss is matched.</summary>
    public required ModalityId Modality { get; init; }

    /// <summary>Which losses are matched.</summary><value>Default: validation.</value>
    public CurveSplit Split { get; init; } = CurveSplit.Validation;

    /// <summary>The cost that is compared.</summary>
    public required CostAxis Axis { get; init; }

    /// <summary>Whether the dense run's best loss was reached.</summary>
    public required MatchOutcome Outcome { get; init; }

    /// <summary>Slope of the line through the origin fitted to <see cref="Points"/> by least squares; below 1 is cheaper than dense. Null without points.</summary>
    public required double? Slope { get; init; }

    /// <summary>Cost at which the dense run's best loss is reached, over the cost the dense run needed for it. An upper bound where <see cref="Outcome"/> is
    /// <see cref="MatchOutcome.BeforeFirstPoint"/>; null unless it is that or <see cref="MatchOutcome.Reached"/>.</summary>
    public required double? EndRatio { get; init; }

    /// <summary>The dense run's best loss, smoothed, in nats per token.</summary>
    public required double EndLoss { get; init; }

    /// <summary>How far on the dense run's way to its best loss, in its own cost from 0 to 1, the other run's best loss is; 1 where the dense run's best loss was reached.</summary>
    public required double MatchedFraction { get; init; }

    /// <summary>The losses both runs reach, at the dense run's own measurements.</summary>
    public required ImmutableArray<MatchedPoint> Points { get; init; }
}
