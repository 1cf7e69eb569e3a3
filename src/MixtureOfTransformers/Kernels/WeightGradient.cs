// Legend: M rows, D input width, E output width.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>The gradient of a projection's weight, added where it is kept. Autograd would make a tensor of the weight's size and add that: two more passes over as many
/// bytes as all weights have.</summary>
internal static unsafe class WeightGradient
{
    private const long NumbersOfABlock = 1 << 15;

    /// <summary>Adds dyᵀ x to the gradient of <paramref name="weight_ED"/>.</summary>
    /// <param name="weight_ED">The weight, a leaf of the graph.</param>
    /// <param name="dy_ME">Gradient of the projection's result.</param>
    /// <param name="x_MD">The projection's input.</param>
    /// <returns>Null where the weight has a gradient tensor already, which was added to; else the gradient, for autograd to keep.</returns>
    public static Tensor? Add(Tensor weight_ED, Tensor dy_ME, Tensor x_MD)
    {
        if (weight_ED.grad is not { } gradient_ED)
            return dy_ME.t().mm(x_MD).to(weight_ED.dtype);
        if (gradient_ED.dtype == x_MD.dtype)
            gradient_ED.addmm_(dy_ME.t(), x_MD, beta: 1, alpha: 1);
        else if (TensorMemory.IsReachable(x_MD) && TensorMemory.IsReachable(gradient_ED) && gradient_ED.dtype == ScalarType.Float32 && gradient_ED.is_contiguous() && gradient_ED.numel() % VectorMath.Lanes == 0)
            Add(gradient_ED, dy_ME.t().mm(x_MD).contiguous());
        else
            gradient_ED.add_(dy_ME.t().mm(x_MD));
        return null;
    }

    /// <summary>fp32 += bf16 in one pass.</summary>
    private static void Add(Tensor sum, Tensor addend)
    {
        var (to, from) = ((nint)TensorMemory.Pointer<Fp32>(sum), (nint)TensorMemory.Pointer<Bf16>(addend));
        Cores.ForBlocks(sum.numel() / VectorMath.Lanes, NumbersOfABlock / VectorMath.Lanes, (start, end) =>
        {
            for (var i = start * VectorMath.Lanes; i < end * VectorMath.Lanes; i += VectorMath.Lanes)
                Fp32.Store(Fp32.Load((Fp32*)to + i) + Bf16.Load((Bf16*)from + i), (Fp32*)to + i);
        });
    }
}
