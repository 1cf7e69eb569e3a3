using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Loss of one modality against cost, all architectures, drawn once per axis and scale; the page shows one of the drawings.</summary>
internal sealed class LossChart
{
    private readonly ComparisonReport _report;
    private readonly ModalityId _modality;
    private readonly ImmutableArray<string> _architectures;
    private readonly ImmutableArray<LossCurve> _validation;
    private readonly ImmutableArray<LossCurve> _training;

    public LossChart(ComparisonReport report, ModalityId modality)
    {
        (_report, _modality) = (report, modality);
        _architectures = HtmlReport.Architectures(report);
        var curves = report.Curves.Where(c => c.Modality == modality).ToArray();
        _validation = [.. curves.Where(c => c.Split == CurveSplit.Validation).Select(c => c with { Points = Thinning.Pick(c.Points, 60) })];
        _training = [.. curves.Where(c => c.Split == CurveSplit.Training).Select(c => c with { Points = Thinning.Average(c.Points, 150) })];
    }

    public Markup Render() => Markup.Of($"""
        <figure class="panel" data-tips="{Tips()}">
        <figcaption>{ArchitectureNames.Heading(_modality.Name)}: validation loss</figcaption>
        {Enum.GetValues<CostAxis>().SelectMany(axis => (Markup[])[Drawing(axis, log: false), Drawing(axis, log: true)])}
        </figure>

        """);

    private Markup Drawing(CostAxis axis, bool log)
    {
        var frame = Frame(axis, log);
        var name = $"{AxisText.Name(axis)}-{(log ? "log" : "linear")}";
        var clip = $"clip-{_modality}-{name}";
        return Markup.Of($"""
            <svg class="variant v-{name}" viewBox="0 0 {ChartFrame.Width} {ChartFrame.Height}" data-area="{ChartFrame.Area}" role="img" tabindex="0" aria-label="{Description(axis)}">
            <clipPath id="{clip}"><rect x="{ChartFrame.Left}" y="{ChartFrame.Top}" width="{ChartFrame.Width - ChartFrame.Left - ChartFrame.Right}" height="{ChartFrame.Height - ChartFrame.Top - ChartFrame.Bottom}"/></clipPath>
            {frame.Grid()}{MatchMark(frame, axis)}<g clip-path="url(#{clip})">{_training.Select(c => Training(frame, c, axis))}
            {_validation.Select(c => Validation(frame, c, axis))}</g></svg>

            """);
    }

    private ChartFrame Frame(CostAxis axis, bool log)
    {
        var points = _validation.SelectMany(c => c.Points).Where(p => !log || p.Cost(axis) > 0).ToArray();
        var end = points.Select(p => p.Cost(axis)).DefaultIfEmpty(1).Max();
        var first = log ? points.Select(p => p.Cost(axis)).DefaultIfEmpty(0.1 * end).Min() : 0;
        var shown = points.Where(p => log || p.Cost(axis) >= 0.05 * end).Select(p => p.Loss).DefaultIfEmpty(1).ToArray(); // the fall from chance would flatten all that follows
        var (low, high) = (shown.Min(), shown.Max());
        var room = Math.Max(high - low, 1e-3);
        var bottom = low - 0.1 * room;
        return new()
        {
            XRange = (first, end > first ? end : first + 1),
            YRange = (bottom, high + 0.04 * room),
            LogX = log,
            LogY = log && bottom > 0,
            XLabel = AxisText.Title(axis),
            YLabel = "loss, nats per token",
            XText = v => AxisText.Tick(axis, v),
            YText = v => v.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    /// <summary>The dense run's best loss and where another run gets there: the horizontal line and the foot of the paper's argument.</summary>
    private Markup MatchMark(ChartFrame frame, CostAxis axis)
    {
        var match = _report.Matches.Where(m => m.Modality == _modality && m.Axis == axis && m.Split == CurveSplit.Validation && m.EndRatio is not null).MinBy(m => m.EndRatio);
        if (match is null)
            return default;
        var dense = match.Points[^1].Dense;
        var (x0, x1, y) = (frame.X(match.EndRatio!.Value * dense), frame.X(dense), frame.Y(match.EndLoss));
        var left = x0 > ChartFrame.Left + 170;
        var bottom = ChartFrame.Height - ChartFrame.Bottom;
        return Markup.Of($"""
            <g class="mark"><path d="M{x0} {y}H{x1}"/><path class="drop" d="M{x0} {y}V{bottom}"/><circle cx="{x0}" cy="{y}" r="3.5"/>
            <text x="{(left ? x0 - 7 : x0 + 7)}" y="{bottom - 8}" text-anchor="{(left ? "end" : "start")}">{ReportNumbers.Percent(match.EndRatio.Value)} of the {AxisText.Noun(axis)}</text></g>

            """);
    }

    private Markup Training(ChartFrame frame, LossCurve curve, CostAxis axis) =>
        Markup.Of($"""<path class="train s{Index(curve)}" d="{frame.Path(Visible(frame, curve, axis))}"/>""");

    private Markup Validation(ChartFrame frame, LossCurve curve, CostAxis axis)
    {
        var points = Visible(frame, curve, axis);
        return Markup.Of($"""
            <path class="line s{Index(curve)}" d="{frame.Path(points)}"/><g class="dots s{Index(curve)}" data-skip="{curve.Points.Length - points.Length}">{points.Select(p =>
                Markup.Of($"""<circle cx="{frame.X(p.X)}" cy="{frame.Y(p.Y)}" r="2.5"/>"""))}</g>
            """);
    }

    private static (double X, double Y)[] Visible(ChartFrame frame, LossCurve curve, CostAxis axis) =>
        [.. curve.Points.Where(p => !frame.LogX || p.Cost(axis) > 0).Where(p => !frame.LogY || p.Loss > 0).Select(p => (p.Cost(axis), p.Loss))];

    private int Index(LossCurve curve) => _architectures.IndexOf(curve.Architecture);

    /// <summary>What the pointer reads off: one list per validation curve, one line per dot.</summary>
    private string Tips() => ChartTips.Json(_validation.Select(c => c.Points.Select(p =>
        $"{ArchitectureNames.Label(c.Architecture)} {ReportNumbers.Loss(p.Loss)} · step {ReportNumbers.Exact(p.Step)} · {ReportNumbers.Flops(p.Flops)} · {ReportNumbers.Duration(p.Seconds)}")));

    private string Description(CostAxis axis) => $"{ArchitectureNames.Heading(_modality.Name)} validation loss against {AxisText.Title(axis)}. At the end: "
        + string.Join(", ", _validation.Select(c => $"{ArchitectureNames.Label(c.Architecture)} {ReportNumbers.Loss(c.Points[^1].Loss)}")) + ".";
}
