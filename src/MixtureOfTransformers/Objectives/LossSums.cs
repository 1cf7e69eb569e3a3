using static TorchSharp.torch;

namespace MixtureOfTransformers.Objectives;

/// <summary>Loss of one batch, summed over targets, so that micro-batches and ranks add up exactly.</summary>
/// <param name="Total">What is minimised, a scalar with gradient; includes the z-loss. Owned by the caller's scope.</param>
/// <param name="PerModality">By modality index of the target, [modalities], fp32 or wider, no gradient: cross-entropy in nats, and for diffused images the mean squared error of each patch. Owned by
/// the caller's scope.</param>
/// <param name="Counts">Targets by modality index: tokens, or patches.</param>
public readonly record struct LossSums(Tensor Total, Tensor PerModality, long[] Counts);
