using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation.Html;
using ScottPlot;

namespace MixtureOfTransformers.Evaluation.Plots;

/// <summary>A study's charts as files for slides and papers, each as SVG and as PNG.</summary>
internal static class StudyPlots
{
    /// <summary>Writes <c>text-loss-steps.svg</c>, <c>text-matching-steps.png</c> and the like for every modality and axis; existing files are replaced.</summary>
    public static void Write(string folder, ComparisonStudy study)
    {
        foreach (var modality in StudyCurves.Modalities(study))
        {
            foreach (var axis in Enum.GetValues<CostAxis>())
            {
                PlotFile.Save(folder, $"{modality}-loss-{AxisText.Name(axis)}", Loss(study, modality, axis));
                foreach (var split in (CurveSplit[])[CurveSplit.Validation, CurveSplit.Training])
                    if (study.Architectures.Length > 1 && StudyCurves.Has(study, split))
                        PlotFile.Save(folder, $"{modality}-{(split == CurveSplit.Training ? "training-" : "")}matching-{AxisText.Name(axis)}", Matching(study, modality, split, axis));
            }
        }
    }

    /// <summary>Validation loss against cost: the mean over the seeds, and a band from the lowest to the highest.</summary>
    private static Plot Loss(ComparisonStudy study, ModalityId modality, CostAxis axis)
    {
        var plot = Start($"{ArchitectureNames.Heading(modality.Name)}: validation loss", AxisText.Title(axis), study.Metadata.LossLabel(modality), axis);
        var curves = StudyCurves.Means(study, modality, CurveSplit.Validation, 200);
        foreach (var curve in curves)
        {
            var index = study.Architectures.IndexOf(curve.Architecture);
            var cost = curve.Points.Select(p => p.Mean.Cost(axis)).ToArray();
            if (study.Seeds.Length > 1)
            {
                var band = plot.Add.FillY(cost, [.. curve.Points.Select(p => p.Low)], [.. curve.Points.Select(p => p.High)]);
                band.FillColor = PlotStyle.ColorOf(index).WithAlpha(0.16);
                band.LineWidth = 0;
                band.MarkerSize = 0;
            }
            Line(plot, cost, [.. curve.Points.Select(p => p.Mean.Loss)], index, ArchitectureNames.Label(curve.Architecture));
        }
        var (bottom, top) = LossRange.Of(curves, axis, fromZero: true);
        plot.Axes.SetLimits(0, curves.SelectMany(c => c.Points).Select(p => p.Mean.Cost(axis)).Append(1e-9).Max() * 1.01, bottom, top);
        plot.ShowLegend(Alignment.UpperRight);
        return plot;
    }

    /// <summary>Fig. 5 of arXiv:2411.04996: cost of each run against the baseline's cost at equal loss, with the diagonal and the fitted lines.</summary>
    private static Plot Matching(ComparisonStudy study, ModalityId modality, CurveSplit split, CostAxis axis)
    {
        var noun = AxisText.Title(axis);
        var plot = Start($"{ArchitectureNames.Heading(modality.Name)}: cost at equal {(split == CurveSplit.Training ? "training" : "validation")} loss",
            $"{noun}, {ArchitectureNames.InSentence(study.Baseline)}", $"{noun}, other models", axis, isSquare: true);
        var end = StudyCurves.BaselineCost(study, modality, split, axis);
        foreach (var seeds in StudyCurves.Matches(study, modality, split, axis))
        {
            var index = study.Architectures.IndexOf(seeds[0].Architecture);
            var points = seeds.SelectMany(m => Thinning.Pick(m.Points, Math.Max(20, 80 / seeds.Length))).ToArray();
            end = points.Select(p => Math.Max(p.Dense, p.Sparse)).Append(end).Max();
            var dots = plot.Add.ScatterPoints([.. points.Select(p => p.Dense)], points.Select(p => p.Sparse).ToArray(), PlotStyle.ColorOf(index).WithAlpha(0.45));
            dots.MarkerSize = 5;
            var summary = StudyCurves.Summary(study, modality, split, seeds[0].Architecture);
            var slope = StudyCurves.Slope(summary, axis);
            if (slope.Mean is { } mean && points.Length > 0)
                Line(plot, [0, points.Max(p => p.Dense)], [0, mean * points.Max(p => p.Dense)], index, $"{ArchitectureNames.Label(seeds[0].Architecture)}, slope {SpreadText.Ratio(slope, summary)}");
        }
        var diagonal = plot.Add.Line(0, 0, end, end);
        (diagonal.LineColor, diagonal.LineWidth, diagonal.LegendText) = (Colors.Gray, 1, "equal cost");
        plot.Axes.SetLimits(0, Math.Max(1e-9, end) * 1.01, 0, Math.Max(1e-9, end) * 1.01);
        plot.ShowLegend(Alignment.UpperLeft);
        return plot;
    }

    private static Plot Start(string title, string x, string y, CostAxis axis, bool isSquare = false)
    {
        var plot = PlotStyle.Start(title, x, y);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = v => AxisText.Tick(axis, v) };
        if (isSquare)
            plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = v => AxisText.Tick(axis, v) };
        return plot;
    }

    private static void Line(Plot plot, double[] x, double[] y, int index, string legend)
    {
        var line = plot.Add.ScatterLine(x, y, PlotStyle.ColorOf(index));
        (line.LineWidth, line.LegendText) = (2, legend);
    }
}
