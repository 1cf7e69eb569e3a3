using System.Globalization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How a <see cref="SeedSpread"/> is shown: <c>0.61 ± 0.02</c>, and how many seeds that is of where not all.</summary>
internal static class SpreadText
{
    private const double LeastShown = 2e-4; // of the mean: counts that differ by the last rows of an epoch are one number

    /// <summary>Mean and deviation, each through <paramref name="text"/>; <paramref name="none"/> where no seed has the number, <paramref name="count"/>, <c>(2 of 3)</c> by default, behind it where some have.</summary>
    public static string Of(SeedSpread spread, Func<double, string> text, string none, string? count = null) => spread.Mean is not { } mean ? none
        : text(mean) + (spread.Deviation is { } deviation && deviation > LeastShown * Math.Abs(mean) ? $" ± {text(deviation)}" : "") + (spread.IsComplete ? "" : $" ({count ?? $"{spread.Count} of {spread.SeedCount}"})");

    /// <summary>A loss: <c>1.043 ± 0.002</c>; a seed without one diverged.</summary>
    public static string Loss(SeedSpread spread) => Of(spread, ReportNumbers.Loss, ReportNumbers.Diverged, $"{spread.Count} of {spread.SeedCount}, {spread.SeedCount - spread.Count} {ReportNumbers.Diverged}");

    /// <summary>A share of the baseline's cost: <c>0.61 ± 0.02</c>, or <c>≤ 0.03</c> where it is an upper bound, or <c>&lt; 0.01</c>; in words where there is none.</summary>
    public static string Ratio(SeedSpread spread, QualitySummary q, bool isBound = false) => Share(spread, q, isBound, r => ReportNumbers.Ratio(r), 0.01);

    /// <summary>A share in per cent: <c>61% ± 2%</c>, or <c>≤ 3%</c> where it is an upper bound, or <c>&lt; 0.1%</c>.</summary>
    public static string Percent(SeedSpread spread, QualitySummary q, bool isBound = false) => Share(spread, q, isBound, ReportNumbers.Percent, 0.001);

    /// <summary>A share in per cent of the seeds that have one, whose count is said elsewhere; in a sentence, so with <c>at most</c> before a bound.</summary>
    public static string Percent(SeedSpread spread, bool isBound = false) => spread.Mean < 0.0005 ? $"less than {ReportNumbers.Percent(0.001)}"
        : (isBound ? "at most " : "") + Of(spread with { SeedCount = spread.Count }, ReportNumbers.Percent, "-");

    /// <summary>The number of each seed in full, for a tooltip; null where no seed has one.</summary>
    /// <param name="spread">The numbers.</param>
    /// <param name="none">What stands for a seed without one.</param>
    public static string? InFull(SeedSpread spread, string none) => InFull(spread, _ => none);

    /// <summary>The share of each seed in full, or why it has none, for a tooltip; null where no seed has one.</summary>
    public static string? InFull(SeedSpread share, QualitySummary q) => InFull(share, seed => OutcomeText.Of(q.Outcomes[seed]));

    private static string? InFull(SeedSpread spread, Func<int, string> none) => spread.Count == 0 ? null : string.Join(", ", spread.Values.Select((v, seed) => v is { } number ? InFull(number) : none(seed)));

    /// <summary>A share; one that would be shown as 0 is below the least that can be shown, bound or not.</summary>
    private static string Share(SeedSpread spread, QualitySummary q, bool isBound, Func<double, string> text, double least) =>
        spread.Mean < least / 2 ? Of(spread with { Deviation = null }, _ => $"< {text(least)}", "", OutcomeText.Count(spread, q))
        : (isBound && spread.Mean is not null ? "≤ " : "") + Of(spread, text, OutcomeText.Reason(q), OutcomeText.Count(spread, q));

    /// <summary>A number with six decimals at most.</summary>
    public static string InFull(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);
}
