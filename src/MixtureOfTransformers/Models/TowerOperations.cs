// Legend: N packed tokens grouped by tower, D input width, E output width, F inner width.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>The operations of a layer for all towers at once, each into one result: no copies to put the towers' rows together. What they compute is
/// <see cref="PerTower{TModule}"/>'s forward, which stays their path wherever the kernels do not reach.</summary>
internal static class TowerOperations
{
    private static readonly int[] OneSet = [0];

    /// <summary>Projects each tower's rows by its own matrix.</summary>
    /// <param name="projection">[E, D] per tower.</param>
    /// <param name="xm_ND">[N, D].</param>
    /// <param name="routing">Rows per tower.</param>
    /// <returns>[N, E], owned by the caller's scope.</returns>
    public static Tensor Project(this PerTower<Linear> projection, Tensor xm_ND, ModalityRouting routing) =>
        FusedKernels.Has(FusedKernel.TowerProduct) ? TowerProduct.Apply(xm_ND, projection.Weights(linear => linear.Weight), projection.Offsets(routing)) : projection.call(xm_ND, routing);

    /// <summary>SwiGLU with each tower's own weights.</summary>
    /// <param name="feedForward">W1, W2 and W3 per tower.</param>
    /// <param name="xm_ND">[N, D].</param>
    /// <param name="routing">Rows per tower.</param>
    /// <returns>[N, D], owned by the caller's scope.</returns>
    public static Tensor FeedForward(this PerTower<FeedForward> feedForward, Tensor xm_ND, ModalityRouting routing)
    {
        if (!FusedKernels.Has(FusedKernel.TowerProduct))
            return feedForward.call(xm_ND, routing);
        return feedForward.Widths is { } widths
            ? widths.Apply(xm_ND, routing, (tower, x) => FeedForward([feedForward.Copies[tower]], x, OneSet))
            : FeedForward(feedForward.Copies, xm_ND, feedForward.Offsets(routing));
    }

    /// <summary>SwiGLU of each block of rows with its own weights.</summary>
    /// <param name="feedForward">One for each block.</param>
    /// <param name="x_ND">[N, D].</param>
    /// <param name="offsets">First row of each block.</param>
    /// <returns>[N, D], owned by the caller's scope.</returns>
    public static Tensor FeedForward(IReadOnlyList<FeedForward> feedForward, Tensor x_ND, int[] offsets)
    {
        using var scope = NewDisposeScope();
        if (!FusedKernels.Has(FusedKernel.TowerProduct))
        {
            long[] starts = [.. offsets.Skip(1).Select(offset => (long)offset)];
            return cat([.. feedForward.Zip(x_ND.tensor_split(starts), (copy, part) => copy.call(part))]).MoveToOuterDisposeScope();
        }
        var gateUp = TowerProduct.Apply(x_ND, [.. feedForward.Select(copy => copy.W13.Weight)], offsets);
        var inner_NF = Models.FeedForward.Gate(gateUp);
        return TowerProduct.Apply(inner_NF, [.. feedForward.Select(copy => copy.W2.Weight)], offsets).MoveToOuterDisposeScope();
    }

    /// <summary>Normalises each tower's rows with its own weight, and adds the residual if there is one.</summary>
    /// <param name="norm">One weight per tower.</param>
    /// <param name="xm_ND">[N, D].</param>
    /// <param name="routing">Rows per tower.</param>
    /// <param name="residualm_ND">[N, D]; null for none.</param>
    /// <returns>[N, D], owned by the caller's scope.</returns>
    public static Tensor Normalise(this PerTower<RmsNorm> norm, Tensor xm_ND, ModalityRouting routing, Tensor? residualm_ND = null)
    {
        if (norm.Widths is { } widths)
            return widths.Apply(xm_ND, routing, (tower, x) => Normalise(norm.Copies[tower], x, residualm_ND is null ? null : widths.Slice(residualm_ND, routing, tower)));
        if (FusedRmsNorm.Supports(xm_ND, norm.Copies[0].Weight))
            return FusedRmsNorm.Apply(xm_ND, residualm_ND, norm.Weights(copy => copy.Weight), norm.Offsets(routing), norm.Copies[0].Epsilon);
        if (FusedKernels.AreOn)
            return Normalise(xm_ND, residualm_ND, norm.Weights(copy => (Tensor)copy.Weight), norm.Offsets(routing), norm.Copies[0].Epsilon);
        using var scope = NewDisposeScope();
        var y_ND = norm.call(xm_ND, routing);
        return (residualm_ND is null ? y_ND : residualm_ND + y_ND).MoveToOuterDisposeScope();
    }

    /// <summary>RMSNorm of rows by torch's operations: all rows at once, then each block's own weights.</summary>
    /// <param name="x">[N, …, D].</param>
    /// <param name="residual">Added to the result; null for none.</param>
    /// <param name="weights_D">One [D] for each block.</param>
    /// <param name="offsets">First row of each block.</param>
    /// <param name="epsilon">ε.</param>
    /// <returns>The shape of <paramref name="x"/>, owned by the caller's scope.</returns>
    public static Tensor Normalise(Tensor x, Tensor? residual, IReadOnlyList<Tensor> weights_D, int[] offsets, double epsilon)
    {
        using var normalised = TorchOperations.RmsNorm(x, epsilon);
        return TowerScale.Apply(normalised, residual, weights_D, offsets);
    }

    private static Tensor Normalise(RmsNorm norm, Tensor x_ND, Tensor? residual_ND)
    {
        if (FusedRmsNorm.Supports(x_ND, norm.Weight))
            return FusedRmsNorm.Apply(x_ND, residual_ND, [norm.Weight], OneSet, norm.Epsilon);
        using var scope = NewDisposeScope();
        var y_ND = norm.call(x_ND);
        return (residual_ND is null ? y_ND : residual_ND + y_ND).MoveToOuterDisposeScope();
    }

    /// <summary>First row of each copy: of each tower, or 0 alone where the towers share one.</summary>
    public static int[] Offsets<T>(this PerTower<T> part, ModalityRouting routing)
        where T : nn.Module<Tensor, Tensor> => part.Copies.Count == 1 ? OneSet : routing.Offsets;

    /// <summary>One tensor of each copy.</summary>
    public static Tensor[] Weights<T>(this PerTower<T> part, Func<T, Tensor> weight)
        where T : nn.Module<Tensor, Tensor> => [.. part.Copies.Select(weight)];
}
