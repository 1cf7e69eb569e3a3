using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>What one router does with held-out tokens, decided over whole batches as in training.</summary>
public sealed record RouterLoad
{
    /// <summary>The layer, from 1 on.</summary>
    public required int Layer { get; init; }

    /// <summary>The tower; 0 where the towers share their feed-forward layers.</summary>
    public required int Tower { get; init; }

    /// <summary>The experts in order.</summary>
    public required ImmutableArray<ExpertLoad> Experts { get; init; }

    /// <summary>The share of tokens that are processed by 0, 1, 2, … experts, padding left out. Those of 0 pass the layer by their residual alone.</summary>
    public required ImmutableArray<double> SharesByExpertCount { get; init; }

    /// <summary>The same by modality in the order of the configuration; empty for a modality that has no tokens here.</summary>
    public required ImmutableArray<ImmutableArray<double>> ModalitySharesByExpertCount { get; init; }
}
