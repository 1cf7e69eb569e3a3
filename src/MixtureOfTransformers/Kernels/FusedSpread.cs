// Legend: N rows, M slots, D width.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Copies rows into slots; backward adds the slots of each row up, without the serial loop of libtorch's <c>index_add</c>.</summary>
internal sealed unsafe class FusedSpread : FusedFunction<FusedSpread, SlotTable>
{
    /// <summary>Whether the kernel can do it.</summary>
    public static bool Supports(Tensor x_ND) => TensorMemory.IsReachable(x_ND) && x_ND.shape[^1] % VectorMath.Lanes == 0;

    /// <param name="x_ND">[N, D], fp32 or bf16.</param>
    /// <param name="table">The row of each slot.</param>
    /// <returns>[M, D], owned by the caller's scope.</returns>
    public static Tensor Apply(Tensor x_ND, SlotTable table) => Apply(table, x_ND);

    /// <inheritdoc/>
    protected override Tensor Forward(SlotTable plan, Tensor?[] inputs, List<Tensor> saved)
    {
        var x_ND = inputs[0]!.contiguous();
        var width = (int)x_ND.shape[1];
        var y_MD = empty([plan.Rows.Length, width], x_ND.dtype);
        if (x_ND.dtype == ScalarType.Float32)
            SlotKernel.Spread(plan, width, TensorMemory.Pointer<Fp32>(x_ND), null, TensorMemory.Pointer<Fp32>(y_MD));
        else
            SlotKernel.Spread(plan, width, TensorMemory.Pointer<Bf16>(x_ND), null, TensorMemory.Pointer<Bf16>(y_MD));
        return y_MD;
    }

    /// <inheritdoc/>
    protected override Tensor?[] Backward(SlotTable plan, Tensor gradient, IReadOnlyList<Tensor> saved)
    {
        var width = (int)gradient.shape[1];
        var dx_ND = empty([plan.RowCount, width], gradient.dtype);
        if (gradient.dtype == ScalarType.Float32)
            SlotKernel.Collect(plan, width, TensorMemory.Pointer<Fp32>(gradient), null, TensorMemory.Pointer<Fp32>(dx_ND));
        else
            SlotKernel.Collect(plan, width, TensorMemory.Pointer<Bf16>(gradient), null, TensorMemory.Pointer<Bf16>(dx_ND));
        return [dx_ND];
    }
}
