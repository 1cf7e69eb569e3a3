namespace MixtureOfTransformers.Evaluation;

/// <summary>What charts of savings have in common.</summary>
internal static class SavingsRange
{
    public const string XLabel = "tokens per non-embedding parameter that a token meets";

    /// <summary>The highest share shown, with some room; the baseline's 1 at least.</summary>
    public static double Top(IEnumerable<SavingsCurve> curves) => 1.08 * curves.SelectMany(c => c.Points).Max(p => Math.Max(1, p.StepShare.Mean ?? 0));
}
