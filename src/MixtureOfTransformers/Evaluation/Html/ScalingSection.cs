using MixtureOfTransformers.Evaluation.Analysis;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Power laws through runs of several sizes: a chart per modality and axis, and their numbers.</summary>
internal static class ScalingSection
{
    public static Markup Render(AnalysisReport report) => report.Scaling.IsEmpty ? default : Markup.Of($"""
        <section id="scaling"><h2>Loss against size</h2>
        <div class="panels">
        {report.Scaling.GroupBy(law => (law.Axis, law.Modality, law.Steps, law.Constant, law.Data)).Select(laws => Chart([.. laws], report.DataNote is not null))}</div>
        {AnalysisTable.Render(AnalysisTables.Scaling(report))}{(report.DataNote is { } note ? Markup.Of($"<p class=\"note\">{note}</p>") : default)}</section>
        """);

    private static Markup Chart(ScalingLaw[] laws, bool namesData)
    {
        var points = laws.SelectMany(law => law.Points).ToArray();
        var frame = new ChartFrame
        {
            XRange = (points.Min(p => p.Size) / 1.1, points.Max(p => p.Size) * 1.1),
            YRange = (points.Min(p => p.Loss) / 1.03, points.Max(p => p.Loss) * 1.03),
            LogX = true,
            LogY = true,
            XLabel = laws[0].Axis == ScalingAxis.Parameters ? "non-embedding parameters that a token meets" : "tokens per step",
            YLabel = "validation loss, nats per token",
            XText = ReportNumbers.Count,
            YText = ReportNumbers.Loss,
        };
        return Markup.Of($"""
            <figure class="panel"><figcaption>{ArchitectureNames.Heading(laws[0].Modality.Name)} after {ReportNumbers.Exact(laws[0].Steps)} steps{(namesData ? $", data {AnalysisTables.DataText(laws[0])}" : "")}</figcaption>
            <ul class="legend">{laws.Select((law, i) => Markup.Of($"""<li><span class="swatch s{i}"></span>{ArchitectureNames.Label(law.Architecture)}</li>"""))}</ul>
            <svg viewBox="0 0 {ChartFrame.Width} {ChartFrame.Height}" role="img" aria-label="{laws[0].Modality.Name} loss against size">
            {frame.Grid()}{laws.Select((law, i) => Law(frame, law, i))}</svg></figure>

            """);
    }

    private static Markup Law(ChartFrame frame, ScalingLaw law, int index)
    {
        var (from, to) = (law.Points[0].Size, law.Points[^1].Size);
        var curve = Enumerable.Range(0, 25).Select(i => from * Math.Pow(to / from, i / 24.0)).Select(size => (size, law.Fit.LossAt(size)));
        return Markup.Of($"""
            <path class="fit s{index}" d="{frame.Path(curve)}"/><g class="dots s{index}">{law.Points.Select(p => Markup.Of($"""<circle cx="{frame.X(p.Size)}" cy="{frame.Y(p.Loss)}" r="4"><title>{p.Run}: {ReportNumbers.Loss(p.Loss)}</title></circle>"""))}</g>
            """);
    }
}
