// Legend: N packed tokens, M modalities and, last, padding. Suffix m: rows grouped by tower.
using System.Collections.Immutable;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>Watches the routers of a model at work.</summary>
public static class RouterLoads
{
    /// <summary>The load of every router over the batches, by layer and tower; empty for a model without experts.</summary>
    /// <param name="model">The model; as it was when this returns.</param>
    /// <param name="batches">Held-out batches, of the size of training batches where experts choose over the batch.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    public static ImmutableArray<RouterLoad> Of(MotModel model, IEnumerable<Batch> batches, CancellationToken cancellation = default)
    {
        if (!model.Config.HasExperts)
            return [];
        var tallies = new SortedDictionary<(int Layer, int Tower), RouterTally>();
        Tensor? labelsm_NM = null; // of the batch that is under way
        using var watch = new RouterWatch(model, decision =>
        {
            if (!tallies.TryGetValue((decision.Layer, decision.Tower), out var tally))
                tallies[(decision.Layer, decision.Tower)] = tally = new();
            using var rowsm_NM = labelsm_NM!.narrow(0, decision.FirstRow, decision.Chosen.shape[0]);
            tally.Add(decision, rowsm_NM);
        }, depths: null);
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            using var pass = new BatchPass(model, batch);
            var padding = model.Config.Modalities.Length;
            long[] labels = [.. batch.Modalities.Select((modality, i) => batch.Segments[i] == Batch.PaddingSegment ? padding : modality)];
            labelsm_NM = nn.functional.one_hot(pass.Routing.Group(tensor(labels, device: model.Device)), padding + 1).to(ScalarType.Float64);
            pass.HiddenStates();
        }
        return [.. tallies.Select(pair => pair.Value.Load(pair.Key.Layer, pair.Key.Tower))];
    }
}
