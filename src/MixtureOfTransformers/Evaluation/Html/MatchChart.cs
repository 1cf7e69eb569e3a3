using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Step matching of one modality, as in Fig. 5 of arXiv:2411.04996: cost of each run against the baseline's cost at equal loss, with the fitted lines.</summary>
internal sealed class MatchChart(ComparisonStudy study, ModalityId modality, CurveSplit split)
{
    private readonly ImmutableArray<string> _architectures = study.Architectures;

    public Markup Render() => Markup.Of($"""
        <figure class="panel rising split-{split.ToString().ToLowerInvariant()}" data-tips="{Tips()}">
        <figcaption>{ArchitectureNames.Heading(modality.Name)}: cost at equal {(split == CurveSplit.Training ? "training " : "")}loss</figcaption>
        {Enum.GetValues<CostAxis>().Select(Drawing)}
        {Enum.GetValues<CostAxis>().Select(Slopes)}
        </figure>

        """);

    private Markup Drawing(CostAxis axis)
    {
        var matches = Matches(axis);
        var dense = StudyCurves.BaselineCost(study, modality, split, axis);
        var end = matches.SelectMany(m => m).SelectMany(m => m.Points).Select(p => Math.Max(p.Sparse, p.Dense)).Append(dense > 0 ? dense : 1).Max();
        var noun = AxisText.Title(axis);
        var frame = new ChartFrame
        {
            XRange = (0, end),
            YRange = (0, end),
            XLabel = $"{noun}, {ArchitectureNames.InSentence(study.Baseline)}",
            YLabel = $"{noun}, {(matches.Length == 1 ? ArchitectureNames.InSentence(matches[0][0].Architecture) : "other models")}",
            XText = v => AxisText.Tick(axis, v),
            YText = v => AxisText.Tick(axis, v),
        };
        return Markup.Of($"""
            <svg class="variant v-{AxisText.Name(axis)}" viewBox="0 0 {ChartFrame.Width} {ChartFrame.Height}" data-area="{ChartFrame.Area}" role="img" tabindex="0" aria-label="{Description(axis)}">
            {frame.Grid()}<path class="diagonal" d="{frame.Path([(0, 0), (end, end)])}"/>{Hint(frame, end, below: matches.All(m => Slope(m[0], axis).Mean >= 1))}
            {(matches.Length == 1 ? Unreached(frame, matches[0], dense) : default)}{matches.Select(m => Series(frame, m, axis))}</svg>

            """);
    }

    private Markup Series(ChartFrame frame, ImmutableArray<StepMatch> seeds, CostAxis axis)
    {
        var index = _architectures.IndexOf(seeds[0].Architecture);
        var end = Reached(seeds);
        var fit = Slope(seeds[0], axis).Mean is not { } slope ? default : Markup.Of($"""<path class="fit s{index}" d="{frame.Path([(0, 0), (end, slope * end)])}"/>""");
        return Markup.Of($"""{fit}<g class="dots s{index}" data-skip="0">{seeds.SelectMany(m => m.Points).Select(p => Markup.Of($"""<circle cx="{frame.X(p.Dense)}" cy="{frame.Y(p.Sparse)}" r="{(seeds.Length > 1 ? 2.2 : 3.5)}"/>"""))}</g>""");
    }

    /// <summary>The slopes in words below the drawing, where they cannot overlap however many there are.</summary>
    private Markup Slopes(CostAxis axis) => Markup.Of($"""
        <ul class="legend slopes variant v-{AxisText.Name(axis)}">{Matches(axis).Select(m => Markup.Of($"<li>{CurveSection.Swatch(_architectures.IndexOf(m[0].Architecture))}{ArchitectureNames.Label(m[0].Architecture)} slope <b>{SpreadText.Ratio(Slope(m[0], axis), Summary(m[0]))}</b>{Reach(m[0])}</li>"))}</ul>
        """);

    private string Reach(StepMatch match) => Summary(match) is var q && q.StepRatio.Mean is null && q.MatchedFraction.Mean is { } matched and > 0 and < 1 ? $", as far as {ReportNumbers.Percent(matched)}" : "";

    private static Markup Hint(ChartFrame frame, double end, bool below) => Markup.Of($"""
        <text class="hint" x="{frame.X(0.93 * end) + (below ? 12 : -10)}" y="{frame.Y(0.93 * end) + (below ? 20 : -2)}" text-anchor="{(below ? "start" : "end")}">equal cost</text>
        """);

    private static Markup Unreached(ChartFrame frame, ImmutableArray<StepMatch> seeds, double dense)
    {
        var matched = Reached(seeds);
        return seeds.Any(m => m.Outcome != MatchOutcome.NotReached) ? default : Markup.Of($"""
            <rect class="unreached" x="{frame.X(matched)}" y="{ChartFrame.Top}" width="{frame.X(dense) - frame.X(matched)}" height="{ChartFrame.Height - ChartFrame.Top - ChartFrame.Bottom}"/>
            <text class="hint" x="{frame.X(dense) - 8}" y="{ChartFrame.Height - ChartFrame.Bottom - 10}" text-anchor="end">{ReportNumbers.NotReached}</text>
            """);
    }

    /// <summary>The baseline's cost of the last loss that was matched, a mean over the seeds.</summary>
    private static double Reached(ImmutableArray<StepMatch> seeds) => seeds.Average(m => m.Points.IsEmpty ? 0 : m.Points[^1].Dense);

    /// <summary>One line per dot; the same losses are matched on every axis.</summary>
    private string Tips() => ChartTips.Json(Matches(CostAxis.Steps).Zip(Matches(CostAxis.Seconds), (steps, seconds) => steps.SelectMany(m => m.Points).Zip(seconds.SelectMany(m => m.Points), (p, s) =>
        $"loss {ReportNumbers.Loss(p.Loss)} · {ArchitectureNames.Label(steps[0].Architecture)} step {ReportNumbers.Exact(p.Sparse)}, {ReportNumbers.Duration(s.Sparse)}"
        + $" · {ArchitectureNames.InSentence(study.Baseline)} step {ReportNumbers.Exact(p.Dense)}, {ReportNumbers.Duration(s.Dense)}")));

    private ImmutableArray<ImmutableArray<StepMatch>> Matches(CostAxis axis) =>
        [.. StudyCurves.Matches(study, modality, split, axis).Select(seeds => seeds.Select(m => m with { Points = Thinning.Pick(m.Points, Math.Max(20, 80 / seeds.Length)) }).ToImmutableArray())];

    private SeedSpread Slope(StepMatch match, CostAxis axis) => StudyCurves.Slope(Summary(match), axis);

    private QualitySummary Summary(StepMatch match) => StudyCurves.Summary(study, modality, split, match.Architecture);

    private string Description(CostAxis axis) => $"{ArchitectureNames.Heading(modality.Name)}: cost of each model against the cost of the {study.Baseline} model at equal loss. "
        + string.Join(" ", Matches(axis).Select(m => $"{ArchitectureNames.Label(m[0].Architecture)}: slope {SpreadText.Ratio(Slope(m[0], axis), Summary(m[0]))}."));
}
