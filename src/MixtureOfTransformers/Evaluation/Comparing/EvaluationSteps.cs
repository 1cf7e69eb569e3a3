using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>After which steps the runs of a comparison are validated, the same for all.</summary>
internal static class EvaluationSteps
{
    private const double First = 0.005;  // share of the run before the first
    private const double Evenly = 0.125; // share from which on they are evenly spread: both spacings are alike there

    /// <summary>0, then a third of the evaluations at equal ratios, then the rest at equal distances; increasing, the last is <paramref name="steps"/>.</summary>
    /// <param name="steps">Steps of a run.</param>
    /// <param name="count">Evaluations after the first step; fewer where there are fewer steps.</param>
    public static ImmutableArray<long> Of(long steps, int count)
    {
        var early = count / 3;
        var late = count - early;
        var shares = Enumerable.Range(0, early).Select(i => First * Math.Pow(Evenly / First, early == 1 ? 1 : i / (early - 1.0)))
            .Concat(Enumerable.Range(1, late).Select(i => Evenly + ((1 - Evenly) * i / late)));
        return [0, .. shares.Select(share => Math.Max(1, (long)Math.Round(share * steps))).Distinct()];
    }
}
