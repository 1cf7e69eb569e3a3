using System.Collections.Immutable;
using System.Globalization;
using MixtureOfTransformers.Evaluation.Analysis;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Numbers along the stages of a model, one line a series.</summary>
internal static class StageChart
{
    /// <param name="title">What is shown.</param>
    /// <param name="label">Title of the axis.</param>
    /// <param name="stages">The stages of the longest series, for their names.</param>
    /// <param name="range">Of the axis; null for that of the numbers.</param>
    /// <param name="isLog">Whether the axis is logarithmic.</param>
    /// <param name="series">Names and numbers.</param>
    public static Markup Render(string title, string label, ImmutableArray<StageAnalysis> stages, (double, double)? range, bool isLog, ImmutableArray<(string Name, double[] Values)> series)
    {
        var values = series.SelectMany(s => s.Values).Where(value => !isLog || value > 0).DefaultIfEmpty(1).ToArray();
        var frame = new ChartFrame
        {
            XRange = (0, Math.Max(1, series.Max(s => s.Values.Length) - 1)),
            YRange = range ?? (values.Min() / 1.2, values.Max() * 1.2),
            LogY = isLog,
            XLabel = "stage",
            YLabel = label,
            XText = x => x == Math.Floor(x) && x < stages.Length ? stages[(int)x].Name : "",
            YText = y => y.ToString("0.###", CultureInfo.InvariantCulture),
        };
        return Markup.Of($"""
            <figure class="panel"><figcaption>{title}</figcaption>
            <ul class="legend">{series.Select((s, i) => Markup.Of($"""<li><span class="swatch s{i}"></span>{s.Name}</li>"""))}</ul>
            <svg viewBox="0 0 {ChartFrame.Width} {ChartFrame.Height}" role="img" aria-label="{title} by stage">
            {frame.Grid()}{series.Select((s, i) => Line(frame, s.Values, i))}</svg></figure>

            """);
    }

    private static Markup Line(ChartFrame frame, double[] values, int index)
    {
        var points = values.Select((value, x) => (X: (double)x, Y: value)).Where(p => !frame.LogY || p.Y > 0).ToArray();
        return points.Length == 0 ? default : Markup.Of($"""
            <path class="line s{index}" d="{frame.Path(points)}"/><g class="dots s{index}">{points.Select(p => Markup.Of($"""<circle cx="{frame.X(p.X)}" cy="{frame.Y(p.Y)}" r="3"/>"""))}</g>
            """);
    }
}
