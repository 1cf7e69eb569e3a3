// Legend: N rows grouped by tower, D input width, E output width.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>One projection per tower, each writing its rows of one result: no copies to put the towers' results together, forward or backward. On any device.</summary>
/// <remarks>A weight narrower than the rows takes their first columns, and one that gives fewer than the widest writes the first and leaves zeros behind them.</remarks>
internal sealed class TowerProduct : FusedFunction<TowerProduct, TowerProduct.Settings>
{
    /// <summary>FLOPs of all forward products on this thread; a test holds the counts of configurations against it.</summary>
    [ThreadStatic]
    internal static long ForwardFlops;

    /// <summary>First row of each tower, and its weight.</summary>
    public sealed record Settings(int[] Offsets, IReadOnlyList<Tensor> Weights);

    /// <param name="x_ND">[N, D], grouped by tower.</param>
    /// <param name="weights_ED">One [E_m, D_m] per tower, the widest as wide as <paramref name="x_ND"/>; cast to the dtype of <paramref name="x_ND"/>.</param>
    /// <param name="offsets">First row of each tower, in rising order from 0.</param>
    /// <returns>[N, E] where E is the largest of the weights', owned by the caller's scope.</returns>
    /// <remarks>Backward adds to the weights' own gradient tensors where there are any (see <see cref="WeightGradient"/>); a tower without rows gets a gradient of zero.</remarks>
    public static Tensor Apply(Tensor x_ND, IReadOnlyList<Tensor> weights_ED, int[] offsets) =>
        PackedTowerProduct.Supports(x_ND, weights_ED) ? PackedTowerProduct.Apply(x_ND, weights_ED, offsets) : Apply(new Settings(offsets, weights_ED), [x_ND, .. weights_ED]);

    /// <inheritdoc/>
    protected override Tensor Forward(Settings plan, Tensor?[] inputs, List<Tensor> saved)
    {
        var x_ND = inputs[0]!;
        var width = plan.Weights.Max(weight => weight.shape[0]);
        var y_NE = Result([x_ND.shape[0], width], x_ND, isWhole: plan.Weights.All(weight => weight.shape[0] == width));
        saved.Add(x_ND);
        for (var tower = 0; tower < plan.Offsets.Length; tower++)
        {
            var isUsed = Count(plan.Offsets, tower, x_ND) > 0;
            var weight_ED = isUsed ? inputs[tower + 1]!.to(x_ND.dtype) : inputs[tower + 1]!;
            saved.Add(weight_ED);
            if (isUsed)
            {
                Block(y_NE, plan.Offsets, tower, weight_ED.shape[0]).addmm_(Block(x_ND, plan.Offsets, tower, weight_ED.shape[1]), weight_ED.t(), beta: 0, alpha: 1);
                ForwardFlops += 2 * Count(plan.Offsets, tower, x_ND) * weight_ED.numel();
            }
        }
        return y_NE;
    }

    /// <inheritdoc/>
    protected override Tensor?[] Backward(Settings plan, Tensor gradient, IReadOnlyList<Tensor> saved)
    {
        var x_ND = saved[0];
        var dx_ND = Result(x_ND.shape, x_ND, isWhole: plan.Weights.All(weight => weight.shape[1] == x_ND.shape[1]));
        var gradients = new Tensor?[plan.Offsets.Length + 1];
        gradients[0] = dx_ND;
        for (var tower = 0; tower < plan.Offsets.Length; tower++)
        {
            var (outputs, inputs) = (plan.Weights[tower].shape[0], plan.Weights[tower].shape[1]);
            var dy_ME = Block(gradient, plan.Offsets, tower, outputs);
            if (Count(plan.Offsets, tower, x_ND) > 0)
                Block(dx_ND, plan.Offsets, tower, inputs).addmm_(dy_ME, saved[tower + 1], beta: 0, alpha: 1);
            gradients[tower + 1] = WeightGradient.Add(plan.Weights[tower], dy_ME, Block(x_ND, plan.Offsets, tower, inputs));
        }
        return gradients;
    }

    private static long Count(int[] offsets, int tower, Tensor x_ND) => (tower + 1 < offsets.Length ? offsets[tower + 1] : x_ND.shape[0]) - offsets[tower];

    /// <summary>The tower's rows, and the first of their columns.</summary>
    private static Tensor Block(Tensor x_ND, int[] offsets, int tower, long columns)
    {
        var rows = x_ND.narrow(0, offsets[tower], Count(offsets, tower, x_ND));
        return columns == x_ND.shape[1] ? rows : rows.narrow(1, 0, columns);
    }

    private static Tensor Result(long[] shape, Tensor like, bool isWhole) => isWhole ? empty(shape, like.dtype, like.device) : zeros(shape, like.dtype, like.device);
}
