namespace MixtureOfTransformers.Benchmarks;

/// <summary>Repeated measurements of one thing: the middle, and what lies around it.</summary>
/// <param name="Median">The middle one; between two, their mean.</param>
/// <param name="Low">The 10th percentile, interpolated.</param>
/// <param name="High">The 90th percentile, interpolated.</param>
internal sealed record Spread(double Median, double Low, double High)
{
    /// <summary>Of at least one value.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new(Quantile(sorted, 0.5), Quantile(sorted, 0.1), Quantile(sorted, 0.9));
    }

    private static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        return sorted[below] + ((at - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }
}
