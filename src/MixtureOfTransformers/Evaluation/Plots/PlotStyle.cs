using ScottPlot;

namespace MixtureOfTransformers.Evaluation.Plots;

/// <summary>How an architecture is drawn: the light colours and dashes of the page's style sheet.</summary>
internal static class PlotStyle
{
    private static readonly string[] Hex = ["#3f4854", "#c2410c", "#0067a5", "#00875a", "#b5589c", "#946c00", "#3a9bd1", "#5b2a86"];

    private static readonly LinePattern[] Patterns =
    [
        LinePattern.Solid, LinePattern.Solid, LinePattern.Solid, LinePattern.Dashed, LinePattern.Dotted,
        new([9, 3, 2, 3], 0, "dash-dot"), new([14, 4], 0, "long dash"), new([5, 2, 2, 2, 2, 2], 0, "dash-dot-dot"),
    ];

    /// <summary>The colours as in the style sheet, the baseline's first.</summary>
    public static IReadOnlyList<string> Colors => Hex;

    public static Color ColorOf(int index) => Color.FromHex(Hex[index % Hex.Length]);

    public static LinePattern PatternOf(int index) => Patterns[index % Patterns.Length];
}
