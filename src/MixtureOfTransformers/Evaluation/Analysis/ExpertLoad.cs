using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>What one expert of a layer does with held-out tokens.</summary>
/// <param name="Tokens">Tokens it processes, by modality in the order of the configuration.</param>
/// <param name="PaddingTokens">Padding it processes: places that tokens did not get.</param>
/// <param name="MeanGate">The mean weight of its output over all of these.</param>
public sealed record ExpertLoad(ImmutableArray<long> Tokens, long PaddingTokens, double MeanGate);
