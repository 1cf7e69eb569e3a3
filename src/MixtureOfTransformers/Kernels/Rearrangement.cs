// Legend: N rows, M rows of the result, D any trailing shape.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Puts rows into another order. Every row has at most one place that passes a gradient back, so backward gathers too, where that of <c>index_select</c> adds
/// into zeros, on a GPU by atomic operations.</summary>
internal sealed class Rearrangement : FusedFunction<Rearrangement, Rearrangement.Settings>
{
    /// <summary>The order.</summary>
    /// <param name="Index">The row that each place takes, [M].</param>
    /// <param name="Back">The place whose gradient each row takes, [N].</param>
    /// <param name="Unused">Rows that take none, [N], Bool; null where all do.</param>
    public sealed record Settings(Tensor Index, Tensor Back, Tensor? Unused);

    /// <param name="x_ND">[N, …].</param>
    /// <param name="index_M">See <see cref="Settings"/>, as the others.</param>
    /// <param name="back_N">The way back.</param>
    /// <param name="unused_N">Rows without a gradient; null for none.</param>
    /// <returns>[M, …], owned by the caller's scope.</returns>
    public static Tensor Apply(Tensor x_ND, Tensor index_M, Tensor back_N, Tensor? unused_N = null) => FusedKernels.StandInFor(x_ND) && x_ND.requires_grad && is_grad_enabled()
        ? Apply(new Settings(index_M, back_N, unused_N), x_ND)
        : x_ND.index_select(0, index_M);

    /// <inheritdoc/>
    protected override Tensor Forward(Settings plan, Tensor?[] inputs, List<Tensor> saved)
    {
        saved.Add(plan.Back); // the plan's own tensors may be gone by the time of backward
        if (plan.Unused is not null)
            saved.Add(plan.Unused);
        return inputs[0]!.index_select(0, plan.Index);
    }

    /// <inheritdoc/>
    protected override Tensor?[] Backward(Settings plan, Tensor gradient, IReadOnlyList<Tensor> saved)
    {
        var dx_ND = gradient.index_select(0, saved[0]);
        if (saved.Count > 1)
            dx_ND.masked_fill_(saved[1].view([-1, .. Enumerable.Repeat(1L, (int)dx_ND.dim() - 1)]), 0);
        return [dx_ND];
    }
}
