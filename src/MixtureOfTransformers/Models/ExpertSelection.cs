// Legend: N grouped rows, E experts, M slots: one for each pair of a row and an expert that processes it, expert after expert.
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>The rows that each expert of one tower processes, and their weights.</summary>
/// <param name="Rows">Row among the grouped rows of each slot, [M], Int64.</param>
/// <param name="Weights">Weight of each slot, [M].</param>
/// <param name="Counts">Slots of each expert.</param>
internal readonly record struct ExpertSelection(Tensor Rows, Tensor Weights, int[] Counts)
{
    /// <summary>All rows for a single expert.</summary>
    /// <param name="first">The tower's first row.</param>
    /// <param name="count">Its rows.</param>
    /// <param name="like">Has the device and dtype of the weights.</param>
    public static ExpertSelection All(int first, int count, Tensor like) =>
        new(arange(first, first + count, ScalarType.Int64, like.device), ones(count, WeightType(like.dtype), like.device), [count]);

    /// <summary>Each expert takes its best rows of each pool.</summary>
    /// <param name="weights_NE">Weights of the tower's rows.</param>
    /// <param name="first">The tower's first row.</param>
    /// <param name="pools">Rows of each pool, one pool after the other.</param>
    /// <param name="padding">Which of the tower's rows no expert may take, [N]; empty for none.</param>
    /// <param name="choice">How many they take.</param>
    public static ExpertSelection ByExperts(Tensor weights_NE, int first, ReadOnlySpan<int> pools, ReadOnlySpan<bool> padding, ExpertChoice choice)
    {
        var experts = (int)weights_NE.shape[1];
        if (padding.Contains(true))
            weights_NE = weights_NE.masked_fill(Upload.To(tensor(padding.ToArray()), weights_NE.device).unsqueeze(1), -1); // below every weight
        var (rows, weights, taken, start) = (new List<Tensor>(), new List<Tensor>(), 0, 0);
        foreach (var tokens in pools)
        {
            var count = choice.TokensPerExpert(tokens - (padding.IsEmpty ? 0 : padding.Slice(start, tokens).Count(true)), experts);
            var (best, index) = weights_NE.narrow(0, start, tokens).t().topk(count, 1, sorted: false);
            weights.Add(best);
            rows.Add(index + (first + start));
            (start, taken) = (start + tokens, taken + count);
        }
        return new(Flat(rows), Flat(weights), [.. Enumerable.Repeat(taken, experts)]);

        static Tensor Flat(List<Tensor> pools_EK) => (pools_EK.Count == 1 ? pools_EK[0] : cat(pools_EK, 1)).reshape(-1);
    }

    /// <summary>The rows that a mask names. Waits for the device.</summary>
    /// <param name="weights_NE">Weights of the tower's rows.</param>
    /// <param name="first">The tower's first row.</param>
    /// <param name="chosen_NE">Whether an expert processes a row.</param>
    public static ExpertSelection ByMask(Tensor weights_NE, int first, Tensor chosen_NE)
    {
        var chosen_EN = chosen_NE.t().contiguous();
        var rows = chosen_EN.nonzero().select(1, 1) + first;
        return new(rows, weights_NE.t().masked_select(chosen_EN), [.. chosen_EN.sum(1, type: ScalarType.Int32).cpu().data<int>()]);
    }

    /// <summary>Each row takes its best experts, as many as process a token on average.</summary>
    public static Tensor BestOfEachRow(Tensor weights_NE, double capacity)
    {
        using var scope = NewDisposeScope();
        var count = Math.Clamp((int)Math.Ceiling(capacity), 1, (int)weights_NE.shape[1]);
        return zeros_like(weights_NE, ScalarType.Bool).scatter_(1, weights_NE.topk(count, 1).indexes, ones_like(weights_NE, ScalarType.Bool)).MoveToOuterDisposeScope();
    }

    /// <summary>Whether an expert processes a row, [N, E], of which N rows from <paramref name="first"/> on are the tower's.</summary>
    public Tensor Chosen(int first, int count)
    {
        using var scope = NewDisposeScope();
        var chosen_NE = zeros([count, Counts.Length], ScalarType.Bool, Rows.device);
        var expert_M = tensor(Counts.SelectMany((slots, expert) => Enumerable.Repeat((long)expert, slots)).ToArray(), device: Rows.device);
        return chosen_NE.index_put_(true, Rows - first, expert_M).MoveToOuterDisposeScope();
    }

    private static ScalarType WeightType(ScalarType dtype) => dtype == ScalarType.BFloat16 ? ScalarType.Float32 : dtype;
}
