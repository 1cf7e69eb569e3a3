using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>The loss curves of one architecture with several seeds as one line with a band, for drawing.</summary>
internal sealed record MeanCurve(string Architecture, ImmutableArray<MeanPoint> Points)
{
    /// <summary>Mean of the curves at the steps of the first, as far as all go; costs and losses of the others are interpolated where their steps are different.</summary>
    /// <param name="curves">One per seed, at least one.</param>
    public static MeanCurve Of(IReadOnlyList<LossCurve> curves)
    {
        var (first, last) = (curves.Max(c => c.Points[0].Step), curves.Min(c => c.Points[^1].Step));
        return new(curves[0].Architecture, [.. curves[0].Points.Where(p => p.Step >= first && p.Step <= last).Select(p => Mean([.. curves.Select(c => At(c.Points, p.Step))]))]);
    }

    private static MeanPoint Mean(LossPoint[] seeds) => new(
        new(seeds[0].Step, seeds.Average(p => p.Flops), seeds.Average(p => p.Seconds), seeds.Average(p => p.Loss)), seeds.Min(p => p.Loss), seeds.Max(p => p.Loss));

    private static LossPoint At(ImmutableArray<LossPoint> points, long step)
    {
        var i = 0;
        while (points[i].Step < step) i++;
        if (points[i].Step == step)
            return points[i];
        var (before, after) = (points[i - 1], points[i]);
        var part = (double)(step - before.Step) / (after.Step - before.Step);
        double Between(double from, double to) => from + (part * (to - from));
        return new(step, Between(before.Flops, after.Flops), Between(before.Seconds, after.Seconds), Between(before.Loss, after.Loss));
    }
}
