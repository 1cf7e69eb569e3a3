using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Loss of one modality against cost, all architectures, drawn once per axis and scale; the page shows one of the drawings.</summary>
internal sealed class LossChart(ComparisonStudy study, ModalityId modality)
{
    private readonly ImmutableArray<string> _architectures = study.Architectures;
    private readonly ImmutableArray<MeanCurve> _validation = StudyCurves.Means(study, modality, CurveSplit.Validation, 60);
    private readonly ImmutableArray<MeanCurve> _training = StudyCurves.Means(study, modality, CurveSplit.Training, 150);

    public Markup Render() => Markup.Of($"""
        <figure class="panel" data-tips="{Tips()}">
        <figcaption>{ArchitectureNames.Heading(modality.Name)}: validation loss</figcaption>
        {Enum.GetValues<CostAxis>().SelectMany(axis => (Markup[])[Drawing(axis, log: false), Drawing(axis, log: true)])}
        </figure>

        """);

    private Markup Drawing(CostAxis axis, bool log)
    {
        var frame = Frame(axis, log);
        var name = $"{AxisText.Name(axis)}-{(log ? "log" : "linear")}";
        var clip = $"clip-{modality}-{name}";
        return Markup.Of($"""
            <svg class="variant v-{name}" viewBox="0 0 {ChartFrame.Width} {ChartFrame.Height}" data-area="{ChartFrame.Area}" role="img" tabindex="0" aria-label="{Description(axis)}">
            <clipPath id="{clip}"><rect x="{ChartFrame.Left}" y="{ChartFrame.Top}" width="{ChartFrame.Width - ChartFrame.Left - ChartFrame.Right}" height="{ChartFrame.Height - ChartFrame.Top - ChartFrame.Bottom}"/></clipPath>
            {frame.Grid()}{LossMark.Render(study, modality, frame, axis)}<g clip-path="url(#{clip})">{(study.Seeds.Length > 1 ? Markup.Of($"{_validation.Select(c => Band(frame, c, axis))}") : default)}{_training.Select(c => Training(frame, c, axis))}
            {_validation.Select(c => Validation(frame, c, axis))}</g></svg>

            """);
    }

    private ChartFrame Frame(CostAxis axis, bool log)
    {
        var points = _validation.SelectMany(c => c.Points).Where(p => !log || p.Mean.Cost(axis) > 0).ToArray();
        var end = points.Select(p => p.Mean.Cost(axis)).DefaultIfEmpty(1).Max();
        var first = log ? points.Select(p => p.Mean.Cost(axis)).DefaultIfEmpty(0.1 * end).Min() : 0;
        var (bottom, top) = LossRange.Of(_validation, axis, fromZero: !log);
        return new()
        {
            XRange = (first, end > first ? end : first + 1),
            YRange = (bottom, top),
            LogX = log,
            LogY = log && bottom > 0,
            XLabel = AxisText.Title(axis),
            YLabel = study.Metadata.LossLabel(modality),
            XText = v => AxisText.Tick(axis, v),
            YText = v => v.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    private Markup Band(ChartFrame frame, MeanCurve curve, CostAxis axis) => Visible(frame, curve, axis) is not { Length: > 1 } points ? default : Markup.Of($"""
        <path class="band s{Index(curve)}" d="{frame.Path([.. points.Select(p => (p.Mean.Cost(axis), p.High)), .. points.Reverse().Select(p => (p.Mean.Cost(axis), p.Low))])}Z"/>
        """);

    private Markup Training(ChartFrame frame, MeanCurve curve, CostAxis axis) =>
        Markup.Of($"""<path class="train s{Index(curve)}" d="{frame.Path(Visible(frame, curve, axis).Select(p => (p.Mean.Cost(axis), p.Mean.Loss)))}"/>""");

    private Markup Validation(ChartFrame frame, MeanCurve curve, CostAxis axis)
    {
        var points = Visible(frame, curve, axis);
        return Markup.Of($"""
            <path class="line s{Index(curve)}" d="{frame.Path(points.Select(p => (p.Mean.Cost(axis), p.Mean.Loss)))}"/><g class="dots s{Index(curve)}" data-skip="{curve.Points.Length - points.Length}">{points.Select(p =>
                Markup.Of($"""<circle cx="{frame.X(p.Mean.Cost(axis))}" cy="{frame.Y(p.Mean.Loss)}" r="2.5"/>"""))}</g>
            """);
    }

    private static MeanPoint[] Visible(ChartFrame frame, MeanCurve curve, CostAxis axis) =>
        [.. curve.Points.Where(p => !frame.LogX || p.Mean.Cost(axis) > 0).Where(p => !frame.LogY || p.Low > 0)];

    private int Index(MeanCurve curve) => _architectures.IndexOf(curve.Architecture);

    /// <summary>What the pointer reads off: one list per validation curve, one line per dot.</summary>
    private string Tips() => ChartTips.Json(_validation.Select(c => c.Points.Select(p =>
        $"{ArchitectureNames.Label(c.Architecture)} {ReportNumbers.Loss(p.Mean.Loss)}{(study.Seeds.Length > 1 ? $" ({ReportNumbers.Loss(p.Low)} to {ReportNumbers.Loss(p.High)})" : "")}"
        + $" · step {ReportNumbers.Exact(p.Mean.Step)} · {ReportNumbers.Flops(p.Mean.Flops)} · {ReportNumbers.Duration(p.Mean.Seconds)}")));

    private string Description(CostAxis axis) => $"{ArchitectureNames.Heading(modality.Name)} validation loss against {AxisText.Title(axis)}. At the end: "
        + string.Join(", ", _validation.Select(c => $"{ArchitectureNames.Label(c.Architecture)} {SpreadText.Loss(StudyCurves.Summary(study, modality, CurveSplit.Validation, c.Architecture).EndLoss)}")) + ".";
}
