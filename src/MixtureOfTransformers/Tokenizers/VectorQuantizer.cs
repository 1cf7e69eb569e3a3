// Legend: N vectors, D code dimension, K codes.
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>The codebook: vectors to the nearest code's number and back.</summary>
internal sealed class VectorQuantizer : nn.Module
{
    [ComponentName(Name = "codebook")] private readonly Tensor _codebook_KD;

    public VectorQuantizer(int codebookSize, int codeDim) : base(nameof(VectorQuantizer))
    {
        _codebook_KD = zeros(codebookSize, codeDim);
        RegisterComponents();
    }

    /// <summary>[K, D]; owned by this module.</summary>
    public Tensor Codebook => _codebook_KD;

    /// <summary>The nearest code of each vector, and how far it is.</summary>
    /// <param name="z_ND">[N, D].</param>
    /// <returns>Codes, [N] of int64, and squared distances, [N]; no gradient.</returns>
    public (Tensor Codes, Tensor Distances) Nearest(Tensor z_ND)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var distance_NK = z_ND.square().sum(1, keepdim: true) - (2 * z_ND.mm(_codebook_KD.t())) + _codebook_KD.square().sum(1);
        var (values, indexes) = distance_NK.min(1);
        return (indexes.MoveToOuterDisposeScope(), values.clamp_min(0).MoveToOuterDisposeScope());
    }

    /// <param name="codes_N">[N] of int64.</param>
    /// <returns>[N, D], owned by the caller's scope.</returns>
    public Tensor Lookup(Tensor codes_N) => _codebook_KD.index_select(0, codes_N);

    /// <summary>The value of <paramref name="q_ND"/> with the gradient of <paramref name="z_ND"/>: the straight-through estimator.</summary>
    /// <returns>[N, D], owned by the caller's scope.</returns>
    public static Tensor StraightThrough(Tensor z_ND, Tensor q_ND)
    {
        using var scope = NewDisposeScope();
        return (z_ND + (q_ND - z_ND).detach()).MoveToOuterDisposeScope();
    }
}
