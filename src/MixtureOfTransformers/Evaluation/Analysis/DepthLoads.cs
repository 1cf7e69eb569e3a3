// Legend: N tokens without padding.
using System.Collections.Immutable;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>Watches which tokens pass the layers that others skip.</summary>
public static class DepthLoads
{
    /// <summary>The load of every layer of <see cref="MixtureOfDepths"/> over the batches; empty for a model without.</summary>
    /// <param name="model">The model; as it was when this returns.</param>
    /// <param name="batches">Held-out batches, of the size of training batches where tokens compete over the batch.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    public static ImmutableArray<DepthLoad> Of(MotModel model, IEnumerable<Batch> batches, CancellationToken cancellation = default)
    {
        if (model.Config.MixtureOfDepths is null)
            return [];
        var tallies = new SortedDictionary<int, Tally>();
        byte[] modalities = [];
        using var watch = new RouterWatch(model, experts: null, decision =>
        {
            if (!tallies.TryGetValue(decision.Layer, out var tally))
                tallies[decision.Layer] = tally = new(model.Config.Modalities.Length);
            tally.Add(modalities, decision);
        });
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            using var pass = new BatchPass(model, batch);
            modalities = [.. batch.Modalities.Where((_, i) => batch.Segments.Length == 0 || batch.Segments[i] != Batch.PaddingSegment)];
            pass.HiddenStates();
        }
        return [.. tallies.Select(pair => pair.Value.Load(pair.Key))];
    }

    private sealed class Tally(int modalityCount)
    {
        private readonly long[] _tokens = new long[modalityCount], _passed = new long[modalityCount];
        private double _gates;

        public void Add(byte[] modality_N, DepthDecision decision)
        {
            var passes_N = decision.Passes.cpu().data<bool>().ToArray();
            var gate_N = decision.Gates.to(ScalarType.Float64).cpu().data<double>().ToArray();
            for (var i = 0; i < modality_N.Length; i++)
            {
                _tokens[modality_N[i]]++;
                if (!passes_N[i])
                    continue;
                _passed[modality_N[i]]++;
                _gates += gate_N[i];
            }
        }

        public DepthLoad Load(int layer) => new() { Layer = layer + 1, Tokens = [.. _tokens], Passed = [.. _passed], MeanGate = _passed.Sum() is > 0 and var passed ? _gates / passed : 0 };
    }
}
