using System.Collections.Immutable;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>The step-matching estimate: for each loss the dense run reaches at cost t_d, the cost t_s at which another run reaches it (§3.2.2, Fig. 5 of
/// arXiv:2411.04996).</summary>
/// <remarks>The paper does not state its estimator. Here both curves are smoothed alike over steps, replaced by their running minima, and t_s(t_d) is interpolated where
/// both runs have measurements on either side; a loss that was not reached is left out and reported, never extrapolated. One that was reached before the first measurement gives an upper
/// bound at the end, and is left out of the fit.</remarks>
public static class StepMatching
{
    /// <summary>Half the smoothing window in ln(step): about a fifth of the steps so far on either side.</summary>
    public const double DefaultSmoothing = 0.2;

    /// <summary>Matches <paramref name="sparse"/> to <paramref name="dense"/>.</summary>
    /// <param name="dense">The baseline's curve.</param>
    /// <param name="sparse">The curve of the architecture compared with it.</param>
    /// <param name="axis">The cost compared; the losses are smoothed over steps on every axis.</param>
    /// <param name="smoothing">Half the smoothing window in ln(step), at least 0; 0 leaves the losses as they are.</param>
    /// <exception cref="MotException">A curve is not valid, or they are of different modalities or splits.</exception>
    public static StepMatch Match(LossCurve dense, LossCurve sparse, CostAxis axis, double smoothing = DefaultSmoothing)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(smoothing);
        if (dense.Modality != sparse.Modality || dense.Split != sparse.Split)
            throw new MotException($"a {dense.Split} curve of {dense.Modality} loss cannot be matched to a {sparse.Split} curve of {sparse.Modality} loss");

        var d = RunningMinimum.Of(dense.Validate(), axis, smoothing);
        var s = RunningMinimum.Of(sparse.Validate(), axis, smoothing);
        var end = d.Records[^1];
        var points = d.Records.Select(r => (Dense: r, Sparse: s.FirstReach(r.Loss))).Where(p => p.Sparse is not null)
            .Select(p => new MatchedPoint(p.Dense.Cost, p.Sparse!.Value, p.Dense.Loss)).ToImmutableArray();
        var outcome = end.Cost <= 0 ? MatchOutcome.NothingToMatch
            : s.Best > end.Loss ? MatchOutcome.NotReached
            : s.FirstReach(end.Loss) is null ? MatchOutcome.BeforeFirstPoint
            : MatchOutcome.Reached;
        var squares = points.Sum(p => p.Dense * p.Dense);
        return new()
        {
            Architecture = sparse.Architecture,
            Modality = sparse.Modality,
            Split = sparse.Split,
            Axis = axis,
            Outcome = outcome,
            Slope = squares > 0 ? points.Sum(p => p.Dense * p.Sparse) / squares : null,
            EndRatio = outcome switch
            {
                MatchOutcome.Reached => s.FirstReach(end.Loss) / end.Cost,
                MatchOutcome.BeforeFirstPoint => s.FirstCost / end.Cost,
                _ => null,
            },
            EndLoss = end.Loss,
            MatchedFraction = outcome switch
            {
                MatchOutcome.NotReached => (d.FirstReach(s.Best) ?? 0) / end.Cost,
                MatchOutcome.NothingToMatch => 0,
                _ => 1,
            },
            Points = points,
        };
    }
}
