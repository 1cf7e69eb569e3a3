// Legend: N rows grouped by tower, D width.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Each tower's rows times its own weights, x · w or residual + x · w, written into one result: what follows the normalisation of all rows at once. On any device.</summary>
internal sealed class TowerScale : FusedFunction<TowerScale, int[]>
{
    /// <param name="x">[N, …, D].</param>
    /// <param name="residual">Of the same shape; null for none.</param>
    /// <param name="weights_D">One [D] per tower.</param>
    /// <param name="offsets">First row of each tower, rising from 0.</param>
    /// <returns>The shape and dtype of <paramref name="x"/>, owned by the caller's scope.</returns>
    public static Tensor Apply(Tensor x, Tensor? residual, IReadOnlyList<Tensor> weights_D, int[] offsets) => Apply(offsets, [x, residual, .. weights_D]);

    /// <inheritdoc/>
    protected override Tensor Forward(int[] plan, Tensor?[] inputs, List<Tensor> saved)
    {
        var (x, residual, weights) = (inputs[0]!, inputs[1], inputs[2..]);
        var y = empty(x.shape, x.dtype, x.device);
        for (var tower = 0; tower < plan.Length; tower++)
        {
            if (Count(plan, tower, x) == 0)
                continue;
            if (residual is null)
                TorchOperations.MultiplyInto(Block(y, plan, tower), Block(x, plan, tower), weights[tower]!);
            else
                TorchOperations.AddProductInto(Block(y, plan, tower), Block(residual, plan, tower), Block(x, plan, tower), weights[tower]!);
        }
        saved.AddRange([x, .. weights!]);
        if (residual is not null)
            saved.Add(zeros(0)); // a mark that there is a residual
        return y;
    }

    /// <inheritdoc/>
    protected override Tensor?[] Backward(int[] plan, Tensor gradient, IReadOnlyList<Tensor> saved)
    {
        var x = saved[0];
        var dx = empty(x.shape, x.dtype, x.device);
        var gradients = new Tensor?[2 + plan.Length];
        (gradients[0], gradients[1]) = (dx, saved.Count > 1 + plan.Length ? gradient.alias() : null);
        var allButLast = Enumerable.Range(0, (int)x.dim() - 1).Select(d => (long)d).ToArray();
        for (var tower = 0; tower < plan.Length; tower++)
        {
            var (dy, weight) = (Block(gradient, plan, tower), saved[1 + tower]);
            if (dy.shape[0] > 0)
                TorchOperations.MultiplyInto(Block(dx, plan, tower), dy, weight);
            gradients[2 + tower] = (dy * Block(x, plan, tower)).sum(allButLast, type: weight.dtype);
        }
        return gradients;
    }

    private static long Count(int[] offsets, int tower, Tensor x) => (tower + 1 < offsets.Length ? offsets[tower + 1] : x.shape[0]) - offsets[tower];

    private static Tensor Block(Tensor x, int[] offsets, int tower) => offsets.Length == 1 ? x.alias() : x.narrow(0, offsets[tower], Count(offsets, tower, x));
}
