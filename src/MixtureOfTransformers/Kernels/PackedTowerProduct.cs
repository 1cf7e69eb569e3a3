// Legend: N rows grouped by tower, D input width, E output width.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary><see cref="TowerProduct"/> in the matrix unit. libtorch multiplies towers one after the other, and compiles a new kernel for every number of rows that it has not
/// seen, which is almost every tower of every batch; here all towers are one list of pieces of few sizes.</summary>
internal sealed unsafe class PackedTowerProduct : FusedFunction<PackedTowerProduct, PackedTowerProduct.Settings>
{
    /// <summary>First row of each tower, its weight, and whether backward will follow.</summary>
    public sealed record Settings(int[] Offsets, IReadOnlyList<Tensor> Weights, bool Differentiate);

    /// <summary>Whether it can be done here.</summary>
    public static bool Supports(Tensor x_ND, IReadOnlyList<Tensor> weights_ED) =>
        MatrixUnit.Takes(x_ND) && x_ND.shape[0] > 0
        && weights_ED.All(weight_ED => PackedWeight.Supports(weight_ED) && x_ND.shape[0] * weight_ED.shape[0] * sizeof(Bf16) <= int.MaxValue);

    /// <inheritdoc cref="TowerProduct.Apply"/>
    public static Tensor Apply(Tensor x_ND, IReadOnlyList<Tensor> weights_ED, int[] offsets) =>
        Apply(new Settings(offsets, weights_ED, is_grad_enabled()), [x_ND, .. weights_ED]);

    /// <inheritdoc/>
    protected override Tensor Forward(Settings plan, Tensor?[] inputs, List<Tensor> saved)
    {
        var x_ND = inputs[0]!.contiguous();
        int[] towers = [.. Enumerable.Range(0, plan.Offsets.Length).Where(tower => Rows(plan, tower, x_ND) > 0)];
        var width = plan.Weights.Max(weight => weight.shape[0]);
        var y_NE = Result([x_ND.shape[0], width], isWhole: plan.Weights.All(weight => weight.shape[0] == width));
        var packed = PackedWeight.Pack([.. towers.Select(tower => inputs[tower + 1]!)], plan.Differentiate);
        PackedProduct.Run([.. towers.Select((tower, i) => Product(plan, tower, x_ND, packed[i].Forward, y_NE, termsOf: 1, columnsOf: 0))]);
        TowerProduct.ForwardFlops += towers.Sum(tower => 2 * Rows(plan, tower, x_ND) * plan.Weights[tower].numel());
        saved.Add(x_ND);
        foreach (var weight in packed)
        {
            weight.Forward.Dispose();
            if (weight.Backward is { } backward)
                saved.Add(backward);
        }
        return y_NE;
    }

    /// <inheritdoc/>
    protected override Tensor?[] Backward(Settings plan, Tensor gradient, IReadOnlyList<Tensor> saved)
    {
        var x_ND = saved[0];
        int[] towers = [.. Enumerable.Range(0, plan.Offsets.Length).Where(tower => Rows(plan, tower, x_ND) > 0)];
        var dx_ND = Result(x_ND.shape, isWhole: plan.Weights.All(weight => weight.shape[1] == x_ND.shape[1]));
        PackedProduct.Run([.. towers.Select((tower, i) => Product(plan, tower, gradient, saved[i + 1], dx_ND, termsOf: 0, columnsOf: 1))]);
        Tensor?[] kept_ED = [.. plan.Weights.Select(weight => weight.grad is { } gradient && IsSum(gradient) ? gradient : null)];
        Tensor[] sums_ED = [.. plan.Weights.Zip(kept_ED, (weight, kept) => kept ?? zeros(weight.shape, ScalarType.Float32))];
        PackedWeightGradient.Run([.. towers.Select(tower =>
            PackedWeightGradient.Block.Of(gradient, x_ND, sums_ED[tower], plan.Offsets[tower], Rows(plan, tower, x_ND)))]);
        return [dx_ND, .. plan.Weights.Select((weight, tower) => kept_ED[tower] is null ? sums_ED[tower] : null)];
    }

    private static long Rows(Settings plan, int tower, Tensor x_ND) =>
        (tower + 1 < plan.Offsets.Length ? plan.Offsets[tower + 1] : x_ND.shape[0]) - plan.Offsets[tower];

    /// <summary>A tower's rows by its weight; terms and columns are its dimensions in one order or the other.</summary>
    private static PackedProduct.Block Product(Settings plan, int tower, Tensor a, Tensor packed, Tensor c, int termsOf, int columnsOf) =>
        PackedProduct.Block.Of(a, packed, c, plan.Offsets[tower], Rows(plan, tower, a), plan.Weights[tower].shape[termsOf], plan.Weights[tower].shape[columnsOf]);

    /// <summary>Whether a gradient can be added to where it is.</summary>
    private static bool IsSum(Tensor gradient) => gradient.dtype == ScalarType.Float32 && gradient.is_contiguous() && TensorMemory.IsReachable(gradient);

    private static Tensor Result(long[] shape, bool isWhole) => isWhole ? empty(shape, ScalarType.BFloat16) : zeros(shape, ScalarType.BFloat16);
}
