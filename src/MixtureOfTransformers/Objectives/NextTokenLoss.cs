// Legend: B rows, T tokens, N = B·T, V vocabulary, M modalities. Suffix m: rows grouped by tower.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Objectives;

/// <summary>Next-token cross-entropy over the joint vocabulary for every modality (paper §3.2), with Chameleon's optional z-loss, weight · log² Z.</summary>
/// <param name="zLossWeight">Weight of the z-loss; Chameleon uses 1e-5, 0 turns it off.</param>
public sealed class NextTokenLoss(double zLossWeight = 0) : IObjective
{
    /// <inheritdoc/>
    public long[] Count(MotModel model, Batch batch)
    {
        var counts = new long[model.Config.Modalities.Length];
        for (var i = 0; i < batch.Targets.Length; i++)
            if (batch.Targets[i] != Batch.IgnoredTarget)
                counts[batch.TargetModalities[i]]++;
        return counts;
    }

    /// <summary>The mean over all targets, whatever their modality.</summary>
    public double Mean(IReadOnlyList<double> sums, IReadOnlyList<long> counts) => sums.Sum() / counts.Sum();

    /// <inheritdoc/>
    public LossSums Compute(MotModel model, Batch batch, IReadOnlyList<long> counts, long seed)
    {
        var loss = Compute(model, batch);
        return loss with { Total = loss.Total / counts.Sum() };
    }

    /// <summary>Runs the model on a batch and sums the loss over its target tokens.</summary>
    /// <param name="model">The model; called with gradients on or off as the caller has set.</param>
    /// <param name="batch">Host arrays; moved to the model's device here.</param>
    /// <returns>Sums, not divided by anything, owned by the caller's scope.</returns>
    /// <remarks>The states stay grouped by tower: the targets are grouped instead, which moves N integers in place of N · D floats.</remarks>
    public LossSums Compute(MotModel model, Batch batch)
    {
        using var scope = NewDisposeScope();
        using var pass = new BatchPass(model, batch);
        var targetsm_N = pass.Routing.Group(Upload.To(tensor(batch.Targets), model.Device));
        var modalitym_N = pass.Routing.Group(Upload.To(tensor(batch.TargetModalities), model.Device)).to(ScalarType.Int64);
        var (total, perModality) = OfStates(model, pass.HiddenStates(), targetsm_N, modalitym_N);
        return new(total.MoveToOuterDisposeScope(), perModality.MoveToOuterDisposeScope(), Count(model, batch));
    }

    /// <summary>The loss of states that predict tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="x_ND">Normalised states in any order, [N, D].</param>
    /// <param name="targets_N">The token that each predicts, in that order, or <see cref="Batch.IgnoredTarget"/>.</param>
    /// <param name="modality_N">The modality index of each target, Int64.</param>
    /// <returns>Sum with gradient, and cross-entropies by modality; owned by the caller's scope.</returns>
    internal (Tensor Total, Tensor PerModality) OfStates(MotModel model, Tensor x_ND, Tensor targets_N, Tensor modality_N)
    {
        var (total, loss_N) = FusedHeadLoss.Supports(x_ND) ? Fused(model, x_ND, targets_N) : Composed(model, x_ND, targets_N);
        return (total, SumByModality(model, loss_N, modality_N));
    }

    private (Tensor Total, Tensor Loss_N) Fused(MotModel model, Tensor xm_ND, Tensor targetsm_N)
    {
        var lossm_N = empty(targetsm_N.shape);
        return (FusedHeadLoss.Apply(xm_ND, model.HeadWeight, targetsm_N, lossm_N, zLossWeight), lossm_N);
    }

    private (Tensor Total, Tensor Loss_N) Composed(MotModel model, Tensor xm_ND, Tensor targetsm_N)
    {
        var logitsm_NV = Widen(model.Logits(xm_ND));
        var lossm_N = nn.functional.cross_entropy(logitsm_NV, targetsm_N, ignore_index: Batch.IgnoredTarget, reduction: nn.Reduction.None);
        var total = lossm_N.sum();
        if (zLossWeight > 0)
        {
            var counted_N = targetsm_N.ne(Batch.IgnoredTarget);
            total = total + (zLossWeight * logitsm_NV.logsumexp(-1).square() * counted_N).sum();
        }
        return (total, lossm_N.detach());
    }

    private static Tensor Widen(Tensor x) => x.dtype == ScalarType.BFloat16 ? x.to(ScalarType.Float32) : x;

    private static Tensor SumByModality(MotModel model, Tensor lossm_N, Tensor modalitym_N) =>
        zeros([model.Config.Modalities.Length], lossm_N.dtype, model.Device).index_add_(0, modalitym_N, lossm_N, 1);
}
