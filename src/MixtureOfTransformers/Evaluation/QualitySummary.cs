using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation;

/// <summary>What an architecture reached in one modality over the seeds of a study, and what that cost beside the baseline. Shares of the baseline itself are 1.</summary>
public sealed record QualitySummary
{
    /// <summary>Short name, such as <c>dense</c> or <c>mot</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The modality of the loss.</summary>
    public required ModalityId Modality { get; init; }

    /// <summary>Which documents the losses were measured on.</summary>
    public required CurveSplit Split { get; init; }

    /// <summary>Loss at the end of training, in nats per token of the modality; training losses smoothed as for step matching. None for a run that diverged.</summary>
    public required SeedSpread EndLoss { get; init; }

    /// <summary>Validation loss where auxiliary routers decide token by token, in nats per token of the modality; null for a model that is causal as it is, or where it was not measured.</summary>
    public SeedSpread? CausalLoss { get; init; }

    /// <summary>Lowest loss of the run, in nats per token of the modality; training losses smoothed as for step matching.</summary>
    public required SeedSpread BestLoss { get; init; }

    /// <summary>Fitted share of the baseline's steps needed for the same losses; none where no loss was matched.</summary>
    public required SeedSpread StepSlope { get; init; }

    /// <summary>Share of the baseline's steps needed for its best loss; none where it was not reached. An upper bound for a seed whose outcome is <see cref="MatchOutcome.BeforeFirstPoint"/>.</summary>
    public required SeedSpread StepRatio { get; init; }

    /// <summary>The same as <see cref="StepSlope"/> in training FLOPs.</summary>
    public required SeedSpread FlopsSlope { get; init; }

    /// <summary>The same as <see cref="StepSlope"/> in training seconds.</summary>
    public required SeedSpread SecondsSlope { get; init; }

    /// <summary>The same as <see cref="StepRatio"/> in training seconds.</summary>
    public required SeedSpread SecondsRatio { get; init; }

    /// <summary>The part of the baseline's steps to its best loss, from 0 to 1, whose losses were reached.</summary>
    public required SeedSpread MatchedFraction { get; init; }

    /// <summary>Whether the baseline's best loss was reached, by seed.</summary>
    public required ImmutableArray<MatchOutcome> Outcomes { get; init; }

    /// <summary>Whether <see cref="StepRatio"/> and <see cref="SecondsRatio"/> are upper bounds, as a seed got there before its first measurement.</summary>
    internal bool IsBound => Outcomes.Contains(MatchOutcome.BeforeFirstPoint);

    /// <summary>Whether no seed has a result.</summary>
    internal bool HasDiverged => Outcomes.All(o => o == MatchOutcome.Diverged);
}
