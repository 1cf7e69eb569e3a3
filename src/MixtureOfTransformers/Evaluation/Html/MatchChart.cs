using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Step matching of one modality, as in Fig. 5 of arXiv:2411.04996: cost of a run against the baseline's cost at equal loss, with the fitted line.</summary>
internal sealed class MatchChart(ComparisonReport report, ModalityId modality)
{
    private readonly ImmutableArray<string> _architectures = HtmlReport.Architectures(report);

    public Markup Render() => Markup.Of($"""
        <figure class="panel rising" data-tips="{Tips()}">
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
            <svg class="variant v-{AxisText.Name(axis)}" viewBox="0 0 {ChartFrame.Width} {ChartFrame.Height}" data-area="{ChartFrame.Area}" role="img" tabindex="0" aria-label="{Description(matches)}">
            {frame.Grid()}<path class="diagonal" d="{frame.Path([(0, 0), (end, end)])}"/>{Hint(frame, end, below: matches.All(m => m.Slope >= 1))}
            {matches.Select(m => Unreached(frame, m, dense))}{matches.Select(m => Series(frame, m, dense))}</svg>

            """);
    }

    private Markup Series(ChartFrame frame, StepMatch match, double dense)
    {
        var index = _architectures.IndexOf(match.Architecture);
        var end = match.MatchedFraction * dense;
        var fit = match.Slope is not { } slope ? default : Markup.Of($"""
            <path class="fit s{index}" d="{frame.Path([(0, 0), (end, slope * end)])}"/>
            <text class="slope s{index}" x="{frame.X(0.6 * end) + (slope < 1 ? 8 : -10)}" y="{frame.Y(0.6 * slope * end) + (slope < 1 ? 22 : -4)}" text-anchor="{(slope < 1 ? "start" : "end")}">slope {ReportNumbers.Ratio(slope)}</text>
            """);
        return Markup.Of($"""{fit}<g class="dots s{index}" data-skip="0">{match.Points.Select(p => Markup.Of($"""<circle cx="{frame.X(p.Dense)}" cy="{frame.Y(p.Sparse)}" r="3.5"/>"""))}</g>""");
    }

    private static Markup Hint(ChartFrame frame, double end, bool below) => Markup.Of($"""
        <text class="hint" x="{frame.X(0.5 * end) + (below ? 12 : -10)}" y="{frame.Y(0.5 * end) + (below ? 20 : -8)}" text-anchor="{(below ? "start" : "end")}">equal cost</text>
        """);

    private static Markup Unreached(ChartFrame frame, StepMatch match, double dense) => match.Outcome != MatchOutcome.NotReached ? default : Markup.Of($"""
        <rect class="unreached" x="{frame.X(dense * match.MatchedFraction)}" y="{ChartFrame.Top}" width="{frame.X(dense) - frame.X(dense * match.MatchedFraction)}" height="{ChartFrame.Height - ChartFrame.Top - ChartFrame.Bottom}"/>
        <text class="hint" x="{frame.X(dense) - 8}" y="{ChartFrame.Height - ChartFrame.Bottom - 10}" text-anchor="end">{ReportNumbers.NotReached}</text>
        """);

    /// <summary>One line per dot; the same losses are matched on every axis.</summary>
    private string Tips() => ChartTips.Json(Matches(CostAxis.Steps).Zip(Matches(CostAxis.Seconds), (steps, seconds) => steps.Points.Zip(seconds.Points, (p, s) =>
        $"loss {ReportNumbers.Loss(p.Loss)} · {ArchitectureNames.Label(steps.Architecture)} step {ReportNumbers.Exact(p.Sparse)}, {ReportNumbers.Duration(s.Sparse)}"
        + $" · {ArchitectureNames.InSentence(report.Baseline)} step {ReportNumbers.Exact(p.Dense)}, {ReportNumbers.Duration(s.Dense)}")));

    private StepMatch[] Matches(CostAxis axis) =>
        [.. report.Matches.Where(m => m.Modality == modality && m.Axis == axis && m.Split == CurveSplit.Validation).Select(m => m with { Points = Thinning.Pick(m.Points, 80) })];

    private string Description(StepMatch[] matches) => $"{ArchitectureNames.Heading(modality.Name)}: cost of each model against the cost of the {report.Baseline} model at equal loss. "
        + string.Join(" ", matches.Select(m => $"{ArchitectureNames.Label(m.Architecture)}: slope {ReportNumbers.Ratio(m.Slope)}, best loss at {ReportNumbers.Ratio(m.EndRatio)}."));
}
