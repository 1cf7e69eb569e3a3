using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>The best loss of a run so far as a function of its cost: a polyline that never rises.</summary>
internal sealed class RunningMinimum
{
    private readonly ImmutableArray<(double Cost, double Loss)> _points;

    private RunningMinimum(ImmutableArray<(double Cost, double Loss)> points) => _points = points;

    /// <summary>The lowest loss of the run.</summary>
    public double Best => _points[^1].Loss;

    /// <summary>The cost at the first point.</summary>
    public double FirstCost => _points[0].Cost;

    /// <summary>The points at which the loss was lower than ever before.</summary>
    public ImmutableArray<(double Cost, double Loss)> Records => [.. _points.Where((p, i) => i == 0 || p.Loss < _points[i - 1].Loss)];

    public static RunningMinimum Of(LossCurve curve, CostAxis axis, double smoothing)
    {
        var points = Smoothed(curve, axis, smoothing);
        for (var i = 1; i < points.Length; i++)
            points[i].Loss = Math.Min(points[i].Loss, points[i - 1].Loss);
        return new([.. points]);
    }

    /// <summary>The smoothed losses by cost, before the minimum is taken.</summary>
    public static (double Cost, double Loss)[] Smoothed(LossCurve curve, CostAxis axis, double smoothing) =>
        [.. LocalLinearSmoothing.Smooth(curve.Points, smoothing).Select(p => (p.Cost(axis), p.Loss))];

    /// <summary>The cost at which <paramref name="loss"/> is first reached; null if it never is, or was so before the first point.</summary>
    public double? FirstReach(double loss)
    {
        var i = 0;
        while (i < _points.Length && _points[i].Loss > loss) i++;
        if (i == _points.Length || (i == 0 && _points[0].Loss < loss))
            return null;
        if (_points[i].Loss == loss)
            return _points[i].Cost; // exact, so that a run matched to itself gives exactly 1
        var (before, after) = (_points[i - 1], _points[i]);
        var part = (before.Loss - loss) / (before.Loss - after.Loss);
        return before.Cost > 0
            ? before.Cost * Math.Pow(after.Cost / before.Cost, part) // losses fall almost straight over the logarithm of the cost
            : part * after.Cost;
    }
}
