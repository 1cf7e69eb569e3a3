using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>Which held-out tokens pass a layer of <see cref="Models.MixtureOfDepths"/>, decided over whole batches as in training; padding is left out.</summary>
public sealed record DepthLoad
{
    /// <summary>The layer, from 1 on.</summary>
    public required int Layer { get; init; }

    /// <summary>Tokens by modality in the order of the configuration.</summary>
    public required ImmutableArray<long> Tokens { get; init; }

    /// <summary>Those of them that pass.</summary>
    public required ImmutableArray<long> Passed { get; init; }

    /// <summary>Mean gate of the tokens that pass; 0 where none does.</summary>
    public required double MeanGate { get; init; }
}
