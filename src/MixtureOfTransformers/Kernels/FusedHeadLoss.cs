// Legend: N rows, D model width, V vocabulary, C rows of a chunk.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>The output head with its cross-entropy, a chunk of rows at a time, so that the logits of a batch never exist together. Where gradients are wanted they are
/// computed in the forward pass, while a chunk's logits are at hand; backward only scales them.</summary>
internal sealed unsafe class FusedHeadLoss : FusedFunction<FusedHeadLoss, FusedHeadLoss.Settings>
{
    /// <summary>Numbers of a chunk's logits, and the fewest rows of one: each chunk reads and writes the gradient of the whole head.</summary>
    internal const long LogitsOfAChunk = 2 << 20, RowsOfAChunk = 256;

    /// <summary>Targets and weight.</summary>
    /// <param name="Targets">[N], Int64; negative for none.</param>
    /// <param name="Losses">[N], fp32; receives the cross-entropies.</param>
    /// <param name="ZLossWeight">Weight of the z-loss.</param>
    /// <param name="Differentiate">Whether backward will follow.</param>
    public sealed record Settings(Tensor Targets, Tensor Losses, double ZLossWeight, bool Differentiate);

    /// <summary>Whether the kernel can do it.</summary>
    public static bool Supports(Tensor x_ND) => FusedKernels.Has(FusedKernel.HeadLoss) && TensorMemory.IsReachable(x_ND) && x_ND.shape[0] > 0;

    /// <summary>The sum of all losses, a scalar in fp32, owned by the caller's scope.</summary>
    /// <param name="x_ND">States before the head, [N, D], fp32 or bf16.</param>
    /// <param name="weight_VD">The head, [V, D], fp32.</param>
    /// <param name="targets_N">[N], Int64; negative for none.</param>
    /// <param name="losses_N">[N], fp32; receives the cross-entropies.</param>
    /// <param name="zLossWeight">Weight of the z-loss.</param>
    public static Tensor Apply(Tensor x_ND, Tensor weight_VD, Tensor targets_N, Tensor losses_N, double zLossWeight) =>
        Apply(new Settings(targets_N, losses_N, zLossWeight, is_grad_enabled()), x_ND, weight_VD);

    /// <inheritdoc/>
    protected override Tensor Forward(Settings plan, Tensor?[] inputs, List<Tensor> saved)
    {
        var (x_ND, weight_VD) = (inputs[0]!.contiguous(), inputs[1]!);
        var products = HeadProducts.Of(weight_VD, x_ND, plan.Differentiate);
        var (count, vocabulary) = (x_ND.shape[0], weight_VD.shape[0]);
        var (dx_ND, dWeight_VD) = plan.Differentiate ? (empty_like(x_ND), zeros_like(weight_VD)) : (null, null);
        var zLosses_N = empty_like(plan.Losses);
        var rows = Math.Min(Math.Max(LogitsOfAChunk / vocabulary, RowsOfAChunk), count);
        for (var start = 0L; start < count; start += rows)
        {
            using var chunk = NewDisposeScope();
            var size = Math.Min(rows, count - start);
            var x_CD = x_ND.narrow(0, start, size);
            var logits_CV = products.Logits(x_CD);
            Run(plan, logits_CV, start, zLosses_N);
            if (dx_ND is null)
                continue;
            products.StateGradient(logits_CV, dx_ND.narrow(0, start, size));
            products.AddWeightGradient(logits_CV, x_CD, dWeight_VD!);
        }
        if (dx_ND is not null)
            saved.AddRange([dx_ND, dWeight_VD!]);
        return plan.Losses.sum().add_(zLosses_N.sum());
    }

    /// <inheritdoc/>
    protected override Tensor?[] Backward(Settings plan, Tensor gradient, IReadOnlyList<Tensor> saved) =>
        [saved[0].mul_(gradient.to(saved[0].dtype)).alias(), saved[1].mul_(gradient).alias()];

    private static void Run(Settings plan, Tensor logits_CV, long start, Tensor zLosses_N)
    {
        var (rows, width) = (logits_CV.shape[0], (int)logits_CV.shape[1]);
        var targets = TensorMemory.Pointer<long>(plan.Targets) + start;
        float* losses = TensorMemory.Pointer<float>(plan.Losses) + start, zLosses = TensorMemory.Pointer<float>(zLosses_N) + start;
        if (logits_CV.dtype == ScalarType.Float32)
            CrossEntropyKernel.Run(rows, width, TensorMemory.Pointer<Fp32>(logits_CV), targets, (float)plan.ZLossWeight, losses, zLosses, plan.Differentiate);
        else
            CrossEntropyKernel.Run(rows, width, TensorMemory.Pointer<Bf16>(logits_CV), targets, (float)plan.ZLossWeight, losses, zLosses, plan.Differentiate);
    }
}
