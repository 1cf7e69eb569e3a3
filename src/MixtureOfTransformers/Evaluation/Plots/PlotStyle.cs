using ScottPlot;

namespace MixtureOfTransformers.Evaluation.Plots;

/// <summary>How an architecture is drawn: the light colours of the page's style sheet.</summary>
/// <remarks>Lines are solid: Skia's SVG cannot dash, and says so on standard error for every line.</remarks>
internal static class PlotStyle
{
    private static readonly string[] Hex = ["#3f4854", "#c2410c", "#0067a5", "#00875a", "#b5589c", "#946c00", "#3a9bd1", "#5b2a86"];

    /// <summary>The colours as in the style sheet, the baseline's first.</summary>
    public static IReadOnlyList<string> Colors => Hex;

    /// <summary>An empty plot with its words.</summary>
    public static Plot Start(string title, string x, string y)
    {
        var plot = new Plot();
        PlotFont.Use(plot);
        plot.Title(title);
        plot.XLabel(x);
        plot.YLabel(y);
        return plot;
    }

    public static Color ColorOf(int index) => Color.FromHex(Hex[index % Hex.Length]);
}
