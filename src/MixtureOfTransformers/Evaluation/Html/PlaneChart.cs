using MixtureOfTransformers.Evaluation.Analysis;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>States at one stage on their principal plane, coloured by modality, as in Fig. 2 of arXiv:2411.04996.</summary>
internal static class PlaneChart
{
    private const double Width = 320, Height = 260, Margin = 10;

    public static Markup Render(StageAnalysis stage)
    {
        var points = stage.Plane.Points;
        var (x, y) = (Scale(points.Select(p => p.X), Width), Scale(points.Select(p => p.Y), Height));
        return Markup.Of($"""
            <figure class="panel plane"><figcaption>{stage.Name}</figcaption>
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="Principal plane of the states at {stage.Name}">
            <rect class="box" x="1" y="1" width="{Width - 2}" height="{Height - 2}"/>{points.Select(p => Markup.Of($"""<circle class="s{p.Modality}" cx="{x(p.X)}" cy="{Height - y(p.Y)}" r="2.4"/>"""))}</svg>
            <p class="small">{(stage.Separation is { } s ? $"separation {ReportNumbers.Loss(s.Score)}, " : "")}{ReportNumbers.Percent(stage.Plane.VarianceShares.Sum())} of the variance</p></figure>

            """);
    }

    private static Func<float, double> Scale(IEnumerable<float> values, double length)
    {
        var (min, max) = (values.Min(), values.Max());
        return value => max > min ? Margin + ((value - min) / (max - min) * (length - (2 * Margin))) : length / 2;
    }
}
