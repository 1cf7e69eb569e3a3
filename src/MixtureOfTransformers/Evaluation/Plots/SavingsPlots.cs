using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation.Html;
using ScottPlot;

namespace MixtureOfTransformers.Evaluation.Plots;

/// <summary>What architectures save against the tokens that each parameter has seen, as files: of one study, or of several, such as sizes, on one axis.</summary>
internal static class SavingsPlots
{
    private static readonly MarkerShape[] Markers = [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleDown];
    private static readonly MarkerShape[] Hollow = [MarkerShape.OpenCircle, MarkerShape.OpenSquare, MarkerShape.OpenTriangleUp, MarkerShape.OpenDiamond, MarkerShape.OpenTriangleDown];

    /// <summary>Writes <c>text-savings.svg</c>, <c>text-savings.png</c> and the like for every modality; existing files are replaced.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="studies">What to show, of the same baseline, each with what it is called; null for one alone.</param>
    public static void Write(string folder, IReadOnlyList<(string? Name, ComparisonStudy Study)> studies)
    {
        foreach (var modality in studies.SelectMany(s => s.Study.Savings).Select(c => c.Modality).Distinct())
            PlotFile.Save(folder, $"{modality}-savings", Plot(modality, studies));
    }

    /// <summary>Colours are architectures, marks are studies. A hollow mark is a mean of some seeds only, and no line goes through it.</summary>
    private static Plot Plot(ModalityId modality, IReadOnlyList<(string? Name, ComparisonStudy Study)> studies)
    {
        var dense = ArchitectureNames.InSentence(studies[0].Study.Baseline);
        var plot = PlotStyle.Start($"{ArchitectureNames.Heading(modality.Name)}: steps for the best validation loss so far", SavingsRange.XLabel, $"share of the steps of {dense}");
        var all = studies.SelectMany(s => s.Study.Savings).Where(c => c.Modality == modality).ToArray();
        var tokens = all.SelectMany(c => c.Points).Select(p => p.TokensPerParameter).ToArray();
        var range = (Min: tokens.Min() / 1.1, Max: tokens.Max() * 1.1);
        var equal = plot.Add.Line(Math.Log10(range.Min), 1, Math.Log10(range.Max), 1);
        (equal.LineColor, equal.LineWidth, equal.LegendText) = (Colors.Gray, 1, $"as many steps as {dense}");
        for (var i = 0; i < studies.Count; i++)
            foreach (var curve in studies[i].Study.Savings.Where(c => c.Modality == modality))
                Add(plot, curve, studies[i].Study.Architectures.IndexOf(curve.Architecture), i % Markers.Length, studies[i].Name is { } name ? $", {name}" : "");
        var ticks = Ticks.Between(range, log: true, 8);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. ticks.Select(Math.Log10)], [.. ticks.Select(ReportNumbers.Count)]);
        plot.Axes.SetLimits(Math.Log10(range.Min), Math.Log10(range.Max), 0, SavingsRange.Top(all));
        plot.ShowLegend(Edge.Right);
        return plot;
    }

    private static void Add(Plot plot, SavingsCurve curve, int colour, int mark, string name)
    {
        var reached = curve.Points.Where(p => p.StepShare.Mean is not null).ToLookup(p => p.StepShare.IsComplete);
        Scatter(reached[true], Markers[mark], 2).LegendText = ArchitectureNames.Label(curve.Architecture) + name;
        Scatter(reached[false], Hollow[mark], 0);

        ScottPlot.Plottables.Scatter Scatter(IEnumerable<SavingsPoint> points, MarkerShape shape, float width)
        {
            var scatter = plot.Add.Scatter(points.Select(p => Math.Log10(p.TokensPerParameter)).ToArray(), points.Select(p => p.StepShare.Mean!.Value).ToArray(), PlotStyle.ColorOf(colour));
            (scatter.MarkerShape, scatter.MarkerSize, scatter.LineWidth) = (shape, 8, width);
            return scatter;
        }
    }
}
