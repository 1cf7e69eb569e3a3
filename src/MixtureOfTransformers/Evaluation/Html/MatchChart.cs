using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Step matching of one modality, as in Fig. 5 of arXiv:2411.04996: cost of a run against the baseline's cost at equal loss, with the fitted line.</summary>
internal sealed class MatchChart(ComparisonReport report, ModalityId modality)
{
    private readonly ImmutableArray<string> _architectures = HtmlReport.Architectures(report);

    public Markup Render() => Markup.Of($"""
        <figure class="panel" data-tips="{Tips()}">
        <figcaption>{ArchitectureNames.Heading(modality.Name)}: cost at equal loss</figcaption>
        {Enum.GetValues<CostAxis>().Select(Drawing)}
        </figure>

        """);

    private Markup Drawing(CostAxis axis)
    {
        var matches = Matches(axis);
        var dense = report.Curves.First(c => c.Modality == modality && c.Architecture == report.Baseline && c.Split == CurveSplit.Validation).Points[^1].Cost(axis);
        var end = matches.SelectMany(m => m.Points).Select(p => Math.Max(p.Sparse, p.Dense)).Append(dense > 0 ? dense : 1).Max();
        var noun = AxisText.Title(axis);
        var frame = new ChartFrame
        {
            XRange = (0, end),
            YRange = (0, end),
            XLabel = $"{noun}, {ArchitectureNames.InSentence(report.Baseline)}",
            YLabel = $"{noun}, {string.Join(" / ", matches.Select(m => ArchitectureNames.InSentence(m.Architecture)))}",
            XText = v => AxisText.Tick(axis, v),
            YText = v => AxisText.Tick(axis, v),
        };
        return Markup.Of($"""
            <svg class="variant v-{AxisText.Name(axis)}" viewBox="0 0 {ChartFrame.Width} {ChartFrame.Height}" role="img" tabindex="0" aria-label="{Description(matches)}">
            {frame.Grid()}<path class="diagonal" d="{frame.Path([(0, 0), (end, end)])}"/><text class="hint" x="{frame.X(0.5 * end) - 10}" y="{frame.Y(0.5 * end) - 8}" text-anchor="end">equal cost</text>
            {matches.Select(m => Unreached(frame, m, dense))}{matches.Select(m => Series(frame, m, dense))}</svg>

            """);
    }

    private Markup Series(ChartFrame frame, StepMatch match, double dense)
    {
        var index = _architectures.IndexOf(match.Architecture);
        var fit = match.Slope is not { } slope ? default : Markup.Of($"""
            <path class="fit s{index}" d="{frame.Path([(0, 0), (dense * match.MatchedFraction, slope * dense * match.MatchedFraction)])}"/>
            <text class="slope s{index}" x="{frame.X(dense * match.MatchedFraction * 0.6) + 8}" y="{frame.Y(slope * dense * match.MatchedFraction * 0.6) + 22}">slope {ReportNumbers.Ratio(slope)}</text>
            """);
        return Markup.Of($"""{fit}<g class="dots s{index}" data-skip="0">{match.Points.Select(p => Markup.Of($"""<circle cx="{frame.X(p.Dense)}" cy="{frame.Y(p.Sparse)}" r="3.5"/>"""))}</g>""");
    }

    private static Markup Unreached(ChartFrame frame, StepMatch match, double dense) => match.Outcome != MatchOutcome.NotReached ? default : Markup.Of($"""
        <rect class="unreached" x="{frame.X(dense * match.MatchedFraction)}" y="{ChartFrame.Top}" width="{frame.X(dense) - frame.X(dense * match.MatchedFraction)}" height="{ChartFrame.Height - ChartFrame.Top - ChartFrame.Bottom}"/>
        <text class="hint" x="{frame.X(dense) - 8}" y="{ChartFrame.Height - ChartFrame.Bottom - 10}" text-anchor="end">{ReportNumbers.NotReached}</text>
        """);

    private string Tips() => ChartTips.Json(Matches(CostAxis.Steps).Select(m => m.Points.Select(p =>
        $"{ArchitectureNames.Label(m.Architecture)} reaches {ReportNumbers.Loss(p.Loss)} at step {ReportNumbers.Exact(p.Sparse)} · {ArchitectureNames.InSentence(report.Baseline)} at {ReportNumbers.Exact(p.Dense)}")));

    private StepMatch[] Matches(CostAxis axis) =>
        [.. report.Matches.Where(m => m.Modality == modality && m.Axis == axis).Select(m => m with { Points = Thinning.Pick(m.Points, 80) })];

    private string Description(StepMatch[] matches) => $"{ArchitectureNames.Heading(modality.Name)}: cost of each model against the cost of the {report.Baseline} model at equal loss. "
        + string.Join(" ", matches.Select(m => $"{ArchitectureNames.Label(m.Architecture)}: slope {ReportNumbers.Ratio(m.Slope)}, best loss at {ReportNumbers.Ratio(m.EndRatio)}."));
}
