using static TorchSharp.torch;

namespace MixtureOfTransformers.Objectives;

/// <summary>Loss of one batch, summed over target tokens and not yet divided by anything, so that micro-batches and ranks add up exactly.</summary>
/// <param name="Total">What is minimised, a scalar with gradient; includes the z-loss. Owned by the caller's scope.</param>
/// <param name="PerModality">Cross-entropy in nats by modality index of the target, [modalities], fp32 or wider, no gradient. Owned by the caller's scope.</param>
/// <param name="Counts">Target tokens by modality index.</param>
public readonly record struct LossSums(Tensor Total, Tensor PerModality, long[] Counts);
