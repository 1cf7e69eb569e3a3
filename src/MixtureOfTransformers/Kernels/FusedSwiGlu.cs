// Legend: N rows, F inner width.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>SwiGLU's elementwise part, silu(gate) · up; backward computes the sigmoid again in place of keeping it.</summary>
internal sealed unsafe class FusedSwiGlu : FusedFunction<FusedSwiGlu, object>
{
    private static readonly object NoPlan = new();

    /// <summary>Whether the kernel can do it.</summary>
    public static bool Supports(Tensor gateUp) => FusedKernels.Has(FusedKernel.SwiGlu) && TensorMemory.IsReachable(gateUp) && gateUp.dim() == 2 && gateUp.shape[^1] % (2 * VectorMath.Lanes) == 0;

    /// <param name="gateUp">[N, 2F]: the gates, then the ups; fp32 or bf16.</param>
    /// <returns>[N, F], owned by the caller's scope.</returns>
    public static Tensor Apply(Tensor gateUp) => Apply(NoPlan, gateUp);

    /// <inheritdoc/>
    protected override Tensor Forward(object plan, Tensor?[] inputs, List<Tensor> saved)
    {
        var gateUp = inputs[0]!.contiguous();
        var (rows, width) = (gateUp.shape[0], (int)gateUp.shape[1] / 2);
        var y_NF = empty([rows, width], gateUp.dtype);
        if (gateUp.dtype == ScalarType.Float32)
            SwiGluKernel.Forward(rows, width, TensorMemory.Pointer<Fp32>(gateUp), TensorMemory.Pointer<Fp32>(y_NF));
        else
            SwiGluKernel.Forward(rows, width, TensorMemory.Pointer<Bf16>(gateUp), TensorMemory.Pointer<Bf16>(y_NF));
        saved.Add(gateUp);
        return y_NF;
    }

    /// <inheritdoc/>
    protected override Tensor?[] Backward(object plan, Tensor gradient, IReadOnlyList<Tensor> saved)
    {
        var gateUp = saved[0];
        var (rows, width) = (gateUp.shape[0], (int)gateUp.shape[1] / 2);
        var dGateUp = empty_like(gateUp);
        if (gateUp.dtype == ScalarType.Float32)
            SwiGluKernel.Backward(rows, width, TensorMemory.Pointer<Fp32>(gateUp), TensorMemory.Pointer<Fp32>(gradient), TensorMemory.Pointer<Fp32>(dGateUp));
        else
            SwiGluKernel.Backward(rows, width, TensorMemory.Pointer<Bf16>(gateUp), TensorMemory.Pointer<Bf16>(gradient), TensorMemory.Pointer<Bf16>(dGateUp));
        return [dGateUp];
    }
}
