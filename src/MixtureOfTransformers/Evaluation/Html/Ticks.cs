namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Round numbers to label an axis with.</summary>
internal static class Ticks
{
    /// <summary>At most about <paramref name="count"/> round numbers inside the range, increasing.</summary>
    public static double[] Between((double Min, double Max) range, bool log, int count) =>
        log && range.Max / range.Min > 8 ? Decades(range, count) : Even(range, count);

    private static double[] Even((double Min, double Max) range, int count)
    {
        var rough = (range.Max - range.Min) / count;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 2.5 => 2.5, <= 5 => 5, _ => 10 };
        var first = (long)Math.Ceiling(range.Min / step - 1e-9);
        var last = (long)Math.Floor(range.Max / step + 1e-9);
        return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
    }

    private static double[] Decades((double Min, double Max) range, int count)
    {
        var decades = Enumerable.Range((int)Math.Floor(Math.Log10(range.Min)), (int)Math.Ceiling(Math.Log10(range.Max / range.Min)) + 2).Select(e => Math.Pow(10, e)).ToArray();
        double[][] choices = [[1, 2, 5], [1, 3], [1]];
        var ticks = choices.Select(c => decades.SelectMany(d => c.Select(m => m * d)).Where(t => t >= range.Min * 0.999 && t <= range.Max * 1.001).ToArray());
        return ticks.FirstOrDefault(t => t.Length <= count + 1) ?? [.. ticks.Last().Where((_, i) => i % 2 == 0)];
    }
}
