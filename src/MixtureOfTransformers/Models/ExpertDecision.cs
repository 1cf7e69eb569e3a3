// Legend: N tokens of the tower, D model width, E experts.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>What a router saw and what was decided, for one tower of one layer; the tensors live as long as the call that hands it out.</summary>
/// <param name="Layer">Layer index.</param>
/// <param name="Tower">Tower index; 0 where the towers share their feed-forward layers.</param>
/// <param name="FirstRow">Row of the first token among the grouped rows.</param>
/// <param name="Inputs">What the feed-forward layer takes, [N, D].</param>
/// <param name="Weights">The weight of each expert for each token, [N, E], fp32.</param>
/// <param name="Chosen">Whether the expert processes the token, [N, E], boolean.</param>
/// <param name="Padding">Whether the token is padding, which counts for nothing, [N], boolean; null where none is.</param>
public readonly record struct ExpertDecision(int Layer, int Tower, int FirstRow, Tensor Inputs, Tensor Weights, Tensor Chosen, Tensor? Padding);
