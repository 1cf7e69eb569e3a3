using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>The patches of a forward pass as vectors of the residual stream; <see cref="MotModel.EmbedPatches"/> makes them.</summary>
public sealed class EmbeddedPatches
{
    internal EmbeddedPatches(Tensor vectors, Tensor times, Tensor[] skips, int[] tokens) => (Vectors, Times, Skips, Tokens) = (vectors, times, skips, tokens);

    /// <summary>[P, D] in the dtype of the weights; of the scope that it was made in.</summary>
    public Tensor Vectors { get; }

    /// <summary>The place of each patch in the batch, [P], row after row.</summary>
    public int[] Tokens { get; }

    /// <summary>What is told of each image's noise, [I, D].</summary>
    internal Tensor Times { get; }

    /// <summary>What the way out sees of the way in; empty without a U-Net.</summary>
    internal Tensor[] Skips { get; }
}
