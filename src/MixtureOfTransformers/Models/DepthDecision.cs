// Legend: N tokens without padding, D model width.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Which tokens passed a layer of <see cref="MixtureOfDepths"/>; the tensors live as long as the call that hands it out.</summary>
/// <param name="Layer">Layer index.</param>
/// <param name="Inputs">What the layer takes, [N, D], in sequence order.</param>
/// <param name="Gates">sigmoid(x · w), [N], fp32 or wider.</param>
/// <param name="Passes">Whether the token passes, [N], boolean.</param>
public readonly record struct DepthDecision(int Layer, Tensor Inputs, Tensor Gates, Tensor Passes);
