using System.Collections.Immutable;
using MixtureOfTransformers.Batching;

namespace MixtureOfTransformers.Evaluation.Causality;

/// <summary>Sorts the changes of outputs into those that may be and those that must not, and counts them.</summary>
internal sealed class CausalityObservation(Batch batch, ImmutableArray<string> stages, double[] tolerance)
{
    private readonly long[] _moved = new long[stages.Length];
    private long _watched;

    /// <summary>The changes so far.</summary>
    public List<CausalityCase> Cases { get; } = [];

    /// <summary>At each stage, the largest change of an output that must not move.</summary>
    public double[] MaxChange { get; } = new double[stages.Length];

    /// <summary>The share of outputs that must not move, and did, at a stage.</summary>
    public double MovedShare(int stage) => _watched == 0 ? 0 : (double)_moved[stage] / _watched;

    /// <summary>What all changes say together.</summary>
    public CausalityVerdict Verdict => Cases.Any(c => c.Earlier.Moved + c.OtherRows.Moved > 0) ? CausalityVerdict.Leaks
        : Cases.Any(c => c.LaterMaxChange > tolerance[^1]) ? CausalityVerdict.Causal : CausalityVerdict.Inconclusive;

    /// <summary>Takes in one change.</summary>
    /// <param name="row">The row that was changed.</param>
    /// <param name="position">The last position that was not.</param>
    /// <param name="change">How.</param>
    /// <param name="moves">The largest change of each token's output at each stage.</param>
    public void Add(int row, int position, LaterChange change, double[][] moves)
    {
        var first = row * batch.Length;
        int[] tokens = [.. Enumerable.Range(0, batch.Inputs.Length).Where(i => batch.Segments[i] != Batch.PaddingSegment)];
        int[] earlier = [.. tokens.Where(i => i >= first && i <= first + position)];
        int[] others = [.. tokens.Where(i => i < first || i >= first + batch.Length)];
        var later = tokens.Where(i => i > first + position && i < first + batch.Length).Max(i => moves[^1][i]);
        _watched += earlier.Length + others.Length;
        Cases.Add(new(row, position, change, Watch(earlier, moves), Watch(others, moves), later));
    }

    private CausalityEffect Watch(int[] tokens, double[][] moves)
    {
        var moved = new HashSet<int>();
        string? firstStage = null;
        for (var stage = 0; stage < stages.Length; stage++)
        {
            int[] now = [.. tokens.Where(i => !(moves[stage][i] <= tolerance[stage]))]; // what is not a number has moved
            _moved[stage] += now.Length;
            MaxChange[stage] = Math.Max(MaxChange[stage], Max(tokens, moves[stage]));
            firstStage ??= now.Length > 0 ? stages[stage] : null;
            moved.UnionWith(now);
        }
        return new(tokens.Length, moved.Count, Max(tokens, moves[^1]), firstStage);
    }

    private static double Max(int[] tokens, double[] moves) => tokens.Length == 0 ? 0 : tokens.Max(i => moves[i]);
}
