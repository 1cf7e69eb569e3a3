namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Words and numbers for a cost axis.</summary>
internal static class AxisText
{
    public static string Name(CostAxis axis) => axis.ToString().ToLowerInvariant();

    public static string Title(CostAxis axis) => axis switch
    {
        CostAxis.Steps => "steps",
        CostAxis.Flops => "training FLOPs",
        _ => "seconds of training",
    };

    /// <summary>What a share of the cost is a share of: "61% of the …".</summary>
    public static string Noun(CostAxis axis) => axis switch
    {
        CostAxis.Steps => "steps",
        CostAxis.Flops => "FLOPs",
        _ => "time",
    };

    public static string Tick(CostAxis axis, double value) => axis == CostAxis.Flops ? ReportNumbers.FlopsTick(value)
        : value >= 1000 ? ReportNumbers.Count(value)
        : value.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture);
}
