using System.Collections.Immutable;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Causality;

/// <summary>Changes the later tokens of a row and sees whether outputs move that must not: those of earlier positions, and those of other rows. Dense and
/// Mixture-of-Transformers models pass; expert choice does not, as its top-k over tokens compares a token with those after it (paper §3.2.1).</summary>
/// <param name="forward">A forward pass with its training-time routing: one tensor a stage, [N, …] in sequence order, owned by the caller's scope.</param>
/// <param name="stages">The names of its stages, in order.</param>
/// <param name="vocabulary">The ids of each modality.</param>
public sealed class CausalityProbe(Func<Batch, IReadOnlyList<Tensor>> forward, ImmutableArray<string> stages, Vocabulary vocabulary)
{
    /// <summary>A probe of a model, which must outlive it. In fp32 or fp64 it tells a leak from rounding far better than in bf16.</summary>
    public static CausalityProbe Of(MotModel model, Vocabulary vocabulary) => new(batch => ModelStages.Run(model, batch), ModelStages.Names(model.Config), vocabulary);

    /// <summary>Probes.</summary>
    /// <param name="batch">Tokens to start from; two rows or more tell whether rows see each other.</param>
    /// <param name="caseCount">Changes to try: the rows in turn, at positions from early to late, each by other ids and by other modalities.</param>
    /// <param name="seed">Of the tokens that take the place of others.</param>
    /// <param name="cancellation">Looked at between passes.</param>
    /// <param name="progress">Told after each change how many are done; null for none.</param>
    /// <exception cref="MotException">No row has two tokens, or outputs are not finite.</exception>
    public CausalityReport Run(Batch batch, int caseCount = 12, long seed = 1, CancellationToken cancellation = default, IProgress<int>? progress = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(caseCount, 1);
        var places = Places(batch, caseCount);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var baseline = forward(batch);
        var difference = new StageDifference(baseline, [.. Enumerable.Range(0, batch.Inputs.Length).Where(i => batch.Segments[i] != Batch.PaddingSegment)]);
        if (difference.Scale.Any(scale => !double.IsFinite(scale)))
            throw new MotException("the model's outputs are not finite, so that no change can be told from them; probe another checkpoint");
        var (repeated, reversed) = (difference.LargestTo(forward(batch)), difference.LargestTo(InOrder(forward(LaterTokens.ReverseRows(batch)), batch)));
        double[] control = [.. repeated.Zip(reversed, Math.Max)];
        var dtype = baseline[^1].dtype;
        double[] tolerance = [.. control.Zip(difference.Scale, (change, scale) => StageTolerance.Of(change, scale, dtype))];
        var observation = new CausalityObservation(batch, stages, tolerance);
        var random = new SeededRandom(seed);
        foreach (var (row, position, change) in places)
        {
            cancellation.ThrowIfCancellationRequested();
            using var passScope = NewDisposeScope();
            observation.Add(row, position, change, difference.To(forward(LaterTokens.Change(batch, row, position, change, vocabulary, random))));
            progress?.Report(observation.Cases.Count);
        }
        return new()
        {
            Verdict = repeated.Zip(tolerance).Any(pair => pair.First > pair.Second) ? CausalityVerdict.Inconclusive : observation.Verdict,
            Rows = batch.RowCount,
            Length = batch.Length,
            ToleranceRule = StageTolerance.Rule(dtype),
            Stages = [.. stages.Select((name, s) => new CausalityStage(name, difference.Scale[s], control[s], tolerance[s], observation.MaxChange[s], observation.MovedShare(s)))],
            Cases = [.. observation.Cases],
        };
    }

    private static Tensor[] InOrder(IReadOnlyList<Tensor> reversed, Batch batch) =>
        [.. reversed.Select(stage_ND => stage_ND.reshape(batch.RowCount, batch.Length, -1).flip(0).reshape(stage_ND.shape))];

    private List<(int Row, int Position, LaterChange Change)> Places(Batch batch, int count)
    {
        int[] lengths = [.. batch.Segments.Chunk(batch.Length).Select(row => row.Count(segment => segment != Batch.PaddingSegment))];
        int[] rows = [.. Enumerable.Range(0, batch.RowCount).Where(row => lengths[row] > 1)];
        if (rows.Length == 0)
            throw new MotException("no row has two tokens, so that there is no later one to change; give longer rows");
        LaterChange[] changes = vocabulary.Ranges.Length > 1 ? [LaterChange.Ids, LaterChange.Modalities] : [LaterChange.Ids];
        var places = (count + changes.Length - 1) / changes.Length;
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var (place, row) = (i / changes.Length, rows[i / changes.Length % rows.Length]);
            return (row, (int)((long)(lengths[row] - 1) * (place + 1) / (places + 1)), changes[i % changes.Length]);
        })];
    }
}
