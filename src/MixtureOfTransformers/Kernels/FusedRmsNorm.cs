// Legend: N rows grouped by tower, D width.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>RMSNorm with weights by tower and an optional residual, <c>residual + norm(x)</c>: one pass forward, one backward.</summary>
internal sealed unsafe class FusedRmsNorm : FusedFunction<FusedRmsNorm, FusedRmsNorm.Settings>
{
    /// <summary>Rows, and ε of the norm.</summary>
    public sealed record Settings(TowerRows Rows, double Epsilon);

    /// <summary>Whether the kernel can do it.</summary>
    public static bool Supports(Tensor x_ND, Tensor weight) =>
        FusedKernels.Has(FusedKernel.Norm) && TensorMemory.IsReachable(x_ND) && weight.dtype == ScalarType.Float32 && x_ND.shape[^1] % VectorMath.Lanes == 0;

    /// <param name="x_ND">[N, D], fp32 or bf16.</param>
    /// <param name="residual_ND">[N, D], same dtype; null for none.</param>
    /// <param name="weights">One [D] per set of weights, fp32.</param>
    /// <param name="offsets">First row of each set.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <returns>[N, D], owned by the caller's scope.</returns>
    public static Tensor Apply(Tensor x_ND, Tensor? residual_ND, IReadOnlyList<Tensor> weights, int[] offsets, double epsilon) =>
        Apply(new Settings(new(x_ND.numel() / x_ND.shape[^1], (int)x_ND.shape[^1], offsets), epsilon), [x_ND, residual_ND, .. weights]);

    /// <inheritdoc/>
    protected override Tensor Forward(Settings plan, Tensor?[] inputs, List<Tensor> saved)
    {
        var (x_ND, residual_ND, weights) = (inputs[0]!.contiguous(), inputs[1]?.contiguous(), stack(inputs[2..]!));
        var y_ND = empty_like(x_ND);
        var inverse_N = empty(plan.Rows.Count);
        if (x_ND.dtype == ScalarType.Float32)
            Forward<Fp32>(plan, x_ND, residual_ND, weights, y_ND, inverse_N);
        else
            Forward<Bf16>(plan, x_ND, residual_ND, weights, y_ND, inverse_N);
        saved.AddRange([x_ND, weights, inverse_N]);
        if (residual_ND is not null)
            saved.Add(zeros(0)); // a mark that there is a residual
        return y_ND;
    }

    /// <inheritdoc/>
    protected override Tensor?[] Backward(Settings plan, Tensor gradient, IReadOnlyList<Tensor> saved)
    {
        var (x_ND, weights, inverse_N) = (saved[0], saved[1], saved[2]);
        var dx_ND = empty_like(x_ND);
        var dWeights = empty_like(weights);
        if (x_ND.dtype == ScalarType.Float32)
            Backward<Fp32>(plan, x_ND, weights, inverse_N, gradient, dx_ND, dWeights);
        else
            Backward<Bf16>(plan, x_ND, weights, inverse_N, gradient, dx_ND, dWeights);
        return [dx_ND, saved.Count > 3 ? gradient.alias() : null, .. dWeights.unbind(0)];
    }

    private static void Forward<T>(Settings plan, Tensor x_ND, Tensor? residual_ND, Tensor weights, Tensor y_ND, Tensor inverse_N)
        where T : unmanaged, INumberFormat<T> => RmsNormKernel.Forward(plan.Rows, TensorMemory.Pointer<T>(x_ND), residual_ND is null ? null : TensorMemory.Pointer<T>(residual_ND),
            TensorMemory.Pointer<float>(weights), (float)plan.Epsilon, TensorMemory.Pointer<T>(y_ND), TensorMemory.Pointer<float>(inverse_N));

    private static void Backward<T>(Settings plan, Tensor x_ND, Tensor weights, Tensor inverse_N, Tensor dy_ND, Tensor dx_ND, Tensor dWeights)
        where T : unmanaged, INumberFormat<T> => RmsNormKernel.Backward(plan.Rows, TensorMemory.Pointer<T>(x_ND), TensorMemory.Pointer<float>(weights),
            TensorMemory.Pointer<float>(inverse_N), TensorMemory.Pointer<T>(dy_ND), TensorMemory.Pointer<T>(dx_ND), TensorMemory.Pointer<float>(dWeights));
}
