namespace MixtureOfTransformers.Evaluation;

/// <summary>The losses that a chart shows.</summary>
internal static class LossRange
{
    /// <summary>Lowest and highest loss of the vertical axis, with some room.</summary>
    /// <param name="curves">What is drawn.</param>
    /// <param name="axis">The cost it is drawn against.</param>
    /// <param name="fromZero">Whether the cost begins at 0; then the fall from chance is left out, which would flatten all that follows.</param>
    public static (double Bottom, double Top) Of(IEnumerable<MeanCurve> curves, CostAxis axis, bool fromZero)
    {
        var points = curves.SelectMany(c => c.Points).ToArray();
        var end = points.Select(p => p.Mean.Cost(axis)).DefaultIfEmpty(1).Max();
        var shown = points.Where(p => fromZero ? p.Mean.Cost(axis) >= 0.05 * end : p.Mean.Cost(axis) > 0).SelectMany(p => (double[])[p.Low, p.High]).DefaultIfEmpty(1).ToArray();
        var room = Math.Max(shown.Max() - shown.Min(), 1e-3);
        return (shown.Min() - (0.1 * room), shown.Max() + (0.04 * room));
    }
}
