using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Smooths a loss curve by local linear regression of the loss on the logarithm of the step (LOESS with tricube weights).</summary>
/// <remarks>The window is a factor in steps, not a number of steps, so stretching a curve horizontally and smoothing it commute: a run that is
/// uniformly faster stays so by the same factor. The line, unlike a moving average, has no lag and no first-order bias at the ends.</remarks>
internal static class LocalLinearSmoothing
{
    /// <summary>Most points of a smoothed curve. A curve of training losses has one per step; neighbours share nearly all of their window.</summary>
    private const int MaxPoints = 500;

    /// <summary>The curve with smoothed losses; a point with fewer than two neighbours in the window, and one at step 0, keeps its own loss. Of a curve with many points only some are
    /// kept, evenly over the logarithm of the step, each smoothed over all of its neighbours.</summary>
    /// <param name="points">By increasing step.</param>
    /// <param name="halfWidth">Half the window in ln(step); 0 returns the points as they are.</param>
    public static LossPoint[] Smooth(ImmutableArray<LossPoint> points, double halfWidth)
    {
        if (halfWidth <= 0)
            return [.. points];
        var x = points.Select(p => Math.Log(p.Step)).ToArray();
        return [.. Kept(x).Select(i => points[i].Step == 0 ? points[i] : points[i] with { Loss = At(points, x, i, halfWidth) })];
    }

    /// <summary>Indices of the points to keep, the first and the last among them.</summary>
    private static IEnumerable<int> Kept(double[] x)
    {
        if (x.Length <= MaxPoints)
            return Enumerable.Range(0, x.Length);
        var first = double.IsFinite(x[0]) ? 0 : 1;
        var gap = (x[^1] - x[first]) / (MaxPoints - 2);
        var kept = new List<int> { 0 };
        for (var i = 1; i < x.Length; i++)
            if (i == first || i == x.Length - 1 || x[i] - x[kept[^1]] >= gap)
                kept.Add(i);
        return kept;
    }

    private static double At(ImmutableArray<LossPoint> points, double[] x, int centre, double halfWidth)
    {
        var (first, last) = (centre, centre);
        while (first > 0 && x[centre] - x[first - 1] < halfWidth) first--;
        while (last < x.Length - 1 && x[last + 1] - x[centre] < halfWidth) last++;
        if (last - first < 2)
            return points[centre].Loss;

        double s0 = 0, s1 = 0, s2 = 0, t0 = 0, t1 = 0; // moments of the weights about the centre, alone and times the loss
        for (var i = first; i <= last; i++)
        {
            var d = x[i] - x[centre];
            var u = Math.Abs(d) / halfWidth;
            var v = 1 - u * u * u;
            var w = v * v * v;
            (s0, s1, s2) = (s0 + w, s1 + w * d, s2 + w * d * d);
            (t0, t1) = (t0 + w * points[i].Loss, t1 + w * d * points[i].Loss);
        }
        return (s2 * t0 - s1 * t1) / (s0 * s2 - s1 * s1);
    }
}
