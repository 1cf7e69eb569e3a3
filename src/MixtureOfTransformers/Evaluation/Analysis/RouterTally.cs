// Legend: N tokens of the tower, E experts, M modalities and, last, padding.
using System.Collections.Immutable;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>Adds up the decisions of one router.</summary>
internal sealed class RouterTally
{
    private double[] _taken = [], _expertCounts = [], _gates = [];

    /// <summary>Takes in the decisions on one batch.</summary>
    /// <param name="decision">The decisions.</param>
    /// <param name="labels_NM">One row per token with a 1 at its modality, or at the end where it is padding, fp64.</param>
    public void Add(ExpertDecision decision, Tensor labels_NM)
    {
        using var scope = NewDisposeScope();
        var chosen_NE = decision.Chosen.to(ScalarType.Float64);
        var experts_NC = nn.functional.one_hot(decision.Chosen.sum(1, type: ScalarType.Int64), decision.Chosen.shape[1] + 1).to(ScalarType.Float64);
        Accumulate(ref _taken, chosen_NE.t().mm(labels_NM));
        Accumulate(ref _expertCounts, labels_NM.t().mm(experts_NC));
        Accumulate(ref _gates, (chosen_NE * decision.Weights).sum([0]));
    }

    /// <summary>What the decisions were.</summary>
    public RouterLoad Load(int layer, int tower)
    {
        var labels = _taken.Length / _gates.Length;
        var byModality = _expertCounts.Chunk(_gates.Length + 1).SkipLast(1).ToArray();
        return new()
        {
            Layer = layer + 1,
            Tower = tower,
            Experts = [.. _taken.Chunk(labels).Zip(_gates, (taken, gate) => new ExpertLoad([.. taken.SkipLast(1).Select(count => (long)count)], (long)taken[^1], taken.Sum() > 0 ? gate / taken.Sum() : 0))],
            SharesByExpertCount = Shares([.. Enumerable.Range(0, _gates.Length + 1).Select(count => byModality.Sum(counts => counts[count]))]),
            ModalitySharesByExpertCount = [.. byModality.Select(Shares)],
        };
    }

    private static ImmutableArray<double> Shares(double[] counts) => counts.Sum() is > 0 and var all ? [.. counts.Select(count => count / all)] : [];

    private static void Accumulate(ref double[] sums, Tensor added)
    {
        var values = added.contiguous().cpu().data<double>().ToArray();
        sums = sums.Length == 0 ? values : [.. sums.Zip(values, (sum, value) => sum + value)];
    }
}
