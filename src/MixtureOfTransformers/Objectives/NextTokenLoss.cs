// Legend: N packed tokens, V vocabulary, M modalities. Suffix m: rows grouped by tower.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Objectives;

/// <summary>Next-token cross-entropy over the joint vocabulary for every modality (paper §3.2), with Chameleon's optional z-loss, weight · log² Z.</summary>
/// <param name="zLossWeight">Weight of the z-loss; Chameleon uses 1e-5, 0 turns it off.</param>
public sealed class NextTokenLoss(double zLossWeight = 0)
{
    /// <summary>Runs the model on a batch and sums the loss over its target tokens.</summary>
    /// <param name="model">The model; called with gradients on or off as the caller has set.</param>
    /// <param name="batch">Host arrays; moved to the model's device here.</param>
    /// <returns>Sums, owned by the caller's scope.</returns>
    /// <remarks>The states stay grouped by tower: the targets are grouped instead, which moves N integers in place of N · D floats.</remarks>
    public LossSums Compute(MotModel model, Batch batch)
    {
        using var scope = NewDisposeScope();
        using var pass = new BatchPass(model, batch);
        var targetsm_N = pass.Routing.Group(Upload.To(tensor(batch.Targets), model.Device));
        var modalitym_N = pass.Routing.Group(Upload.To(tensor(batch.TargetModalities), model.Device)).to(ScalarType.Int64);
        var xm_ND = pass.HiddenStates();
        var (total, lossm_N) = FusedHeadLoss.Supports(xm_ND) ? Fused(model, xm_ND, targetsm_N) : Composed(model, xm_ND, targetsm_N);
        return new(total.MoveToOuterDisposeScope(), SumByModality(model, lossm_N, modalitym_N).MoveToOuterDisposeScope(), Count(model, batch));
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

    private static long[] Count(MotModel model, Batch batch)
    {
        var counts = new long[model.Config.Modalities.Length];
        for (var i = 0; i < batch.Targets.Length; i++)
            if (batch.Targets[i] != Batch.IgnoredTarget)
                counts[batch.TargetModalities[i]]++;
        return counts;
    }
}
