// Legend: N rows grouped by tower, D input width, E output width.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>One projection per tower, each writing its rows of one result: no copies to put the towers' results together, forward or backward. On any device.</summary>
internal sealed class TowerProduct : FusedFunction<TowerProduct, TowerProduct.Settings>
{
    /// <summary>FLOPs of all forward products on this thread; a test holds the counts of configurations against it.</summary>
    [ThreadStatic]
    internal static long ForwardFlops;

    /// <summary>First row of each tower, and its weight.</summary>
    public sealed record Settings(int[] Offsets, IReadOnlyList<Tensor> Weights);

    /// <param name="x_ND">[N, D], grouped by tower.</param>
    /// <param name="weights_ED">One [E, D] per tower; cast to the dtype of <paramref name="x_ND"/>.</param>
    /// <param name="offsets">First row of each tower, in rising order from 0.</param>
    /// <returns>[N, E], owned by the caller's scope.</returns>
    /// <remarks>Backward adds to the weights' own gradient tensors where there are any (see <see cref="WeightGradient"/>); a tower without rows gets a gradient of zero.</remarks>
    public static Tensor Apply(Tensor x_ND, IReadOnlyList<Tensor> weights_ED, int[] offsets) => Apply(new Settings(offsets, weights_ED), [x_ND, .. weights_ED]);

    /// <inheritdoc/>
    protected override Tensor Forward(Settings plan, Tensor?[] inputs, List<Tensor> saved)
    {
        var x_ND = inputs[0]!;
        var y_NE = empty([x_ND.shape[0], inputs[1]!.shape[0]], x_ND.dtype, x_ND.device);
        saved.Add(x_ND);
        ForwardFlops += 2 * x_ND.numel() * y_NE.shape[1];
        for (var tower = 0; tower < plan.Offsets.Length; tower++)
        {
            var isUsed = Count(plan.Offsets, tower, x_ND) > 0;
            var weight_ED = isUsed ? inputs[tower + 1]!.to(x_ND.dtype) : inputs[tower + 1]!;
            saved.Add(weight_ED);
            if (isUsed)
                Rows(y_NE, plan.Offsets, tower).addmm_(Rows(x_ND, plan.Offsets, tower), weight_ED.t(), beta: 0, alpha: 1);
        }
        return y_NE;
    }

    /// <inheritdoc/>
    protected override Tensor?[] Backward(Settings plan, Tensor gradient, IReadOnlyList<Tensor> saved)
    {
        var x_ND = saved[0];
        var dx_ND = empty_like(x_ND);
        var gradients = new Tensor?[plan.Offsets.Length + 1];
        gradients[0] = dx_ND;
        for (var tower = 0; tower < plan.Offsets.Length; tower++)
        {
            var dy_ME = Rows(gradient, plan.Offsets, tower);
            if (Count(plan.Offsets, tower, x_ND) > 0)
                Rows(dx_ND, plan.Offsets, tower).addmm_(dy_ME, saved[tower + 1], beta: 0, alpha: 1);
            gradients[tower + 1] = WeightGradient.Add(plan.Weights[tower], dy_ME, Rows(x_ND, plan.Offsets, tower));
        }
        return gradients;
    }

    private static long Count(int[] offsets, int tower, Tensor x_ND) => (tower + 1 < offsets.Length ? offsets[tower + 1] : x_ND.shape[0]) - offsets[tower];

    private static Tensor Rows(Tensor x_ND, int[] offsets, int tower) => x_ND.narrow(0, offsets[tower], Count(offsets, tower, x_ND));
}
