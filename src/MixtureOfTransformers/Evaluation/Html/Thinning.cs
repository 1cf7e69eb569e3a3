using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Leaves as many points as can be told apart on paper.</summary>
internal static class Thinning
{
    /// <summary>At most <paramref name="count"/> of the points, evenly, the first and the last among them.</summary>
    public static ImmutableArray<T> Pick<T>(ImmutableArray<T> points, int count) =>
        points.Length <= count ? points : [.. Enumerable.Range(0, count).Select(i => points[(int)((long)i * (points.Length - 1) / (count - 1))])];

    /// <summary>Means of at most <paramref name="count"/> stretches of equal numbers of points.</summary>
    public static ImmutableArray<LossPoint> Average(ImmutableArray<LossPoint> points, int count)
    {
        var length = (points.Length + count - 1) / count;
        return [.. points.Chunk(length).Select(c => new LossPoint(c[c.Length / 2].Step, c.Average(p => p.Flops), c.Average(p => p.Seconds), c.Average(p => p.Loss)))];
    }
}
