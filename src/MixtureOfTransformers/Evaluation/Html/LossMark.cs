using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>The dense run's best loss and where another run gets there: the horizontal line and the foot of the paper's argument, for the architecture that gets there first.</summary>
internal static class LossMark
{
    public static Markup Render(ComparisonStudy study, ModalityId modality, ChartFrame frame, CostAxis axis)
    {
        var matches = StudyCurves.Matches(study, modality, CurveSplit.Validation, axis).Where(m => m.All(s => s.Outcome == MatchOutcome.Reached)).OrderBy(m => m.Average(s => s.EndRatio)).FirstOrDefault();
        if (matches.IsDefaultOrEmpty)
            return default;
        var dense = matches.Average(m => m.Points[^1].Dense);
        var ratio = SeedSpread.Of(matches.Select(m => m.EndRatio));
        var (x0, x1, y) = (frame.X(ratio.Mean!.Value * dense), frame.X(dense), frame.Y(matches.Average(m => m.EndLoss)));
        var left = x0 > ChartFrame.Left + 210;
        var bottom = ChartFrame.Height - ChartFrame.Bottom;
        var name = study.Architectures.Length > 2 ? ArchitectureNames.Label(matches[0].Architecture) + ": " : "";
        return Markup.Of($"""
            <g class="mark"><path d="M{x0} {y}H{x1}"/><path class="drop" d="M{x0} {y}V{bottom}"/><circle cx="{x0}" cy="{y}" r="3.5"/>
            <text x="{(left ? x0 - 7 : x0 + 7)}" y="{bottom - 8}" text-anchor="{(left ? "end" : "start")}">{name}{ReportNumbers.Percent(ratio.Mean.Value)} of the {AxisText.Noun(axis)}</text></g>

            """);
    }
}
