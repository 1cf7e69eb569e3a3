// Legend: N rows, M slots, D width.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Adds the slots of each row up, each times its weight; a row without slots gets 0.</summary>
internal sealed unsafe class FusedCollect : FusedFunction<FusedCollect, SlotTable>
{
    /// <param name="x_MD">[M, D], fp32 or bf16.</param>
    /// <param name="weight_M">[M], fp32.</param>
    /// <param name="table">The row of each slot.</param>
    /// <returns>[N, D], owned by the caller's scope.</returns>
    public static Tensor Apply(Tensor x_MD, Tensor weight_M, SlotTable table) => Apply(table, x_MD, weight_M);

    /// <inheritdoc/>
    protected override Tensor Forward(SlotTable plan, Tensor?[] inputs, List<Tensor> saved)
    {
        var (x_MD, weight_M) = (inputs[0]!.contiguous(), inputs[1]!.contiguous());
        var y_ND = empty([plan.RowCount, x_MD.shape[1]], x_MD.dtype);
        if (x_MD.dtype == ScalarType.Float32)
            SlotKernel.Collect(plan, (int)x_MD.shape[1], TensorMemory.Pointer<Fp32>(x_MD), TensorMemory.Pointer<float>(weight_M), TensorMemory.Pointer<Fp32>(y_ND));
        else
            SlotKernel.Collect(plan, (int)x_MD.shape[1], TensorMemory.Pointer<Bf16>(x_MD), TensorMemory.Pointer<float>(weight_M), TensorMemory.Pointer<Bf16>(y_ND));
        saved.AddRange([x_MD, weight_M]);
        return y_ND;
    }

    /// <inheritdoc/>
    protected override Tensor?[] Backward(SlotTable plan, Tensor gradient, IReadOnlyList<Tensor> saved)
    {
        var (x_MD, weight_M) = (saved[0], saved[1]);
        var (dx_MD, dWeight_M) = (empty_like(x_MD), empty_like(weight_M));
        if (x_MD.dtype == ScalarType.Float32)
            Backward<Fp32>(plan, x_MD, weight_M, gradient, dx_MD, dWeight_M);
        else
            Backward<Bf16>(plan, x_MD, weight_M, gradient, dx_MD, dWeight_M);
        return [dx_MD, dWeight_M];
    }

    private static void Backward<T>(SlotTable plan, Tensor x_MD, Tensor weight_M, Tensor dy_ND, Tensor dx_MD, Tensor dWeight_M)
        where T : unmanaged, INumberFormat<T>
    {
        var width = (int)x_MD.shape[1];
        SlotKernel.Spread(plan, width, TensorMemory.Pointer<T>(dy_ND), TensorMemory.Pointer<float>(weight_M), TensorMemory.Pointer<T>(dx_MD));
        SlotKernel.Dots(plan, width, TensorMemory.Pointer<T>(x_MD), TensorMemory.Pointer<T>(dy_ND), TensorMemory.Pointer<float>(dWeight_M));
    }
}
