namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>The plotting area of a chart: ranges, scales, grid and axis labels.</summary>
internal sealed record ChartFrame
{
    public const double Width = 640, Height = 380, Left = 70, Right = 28, Top = 14, Bottom = 50;

    public required (double Min, double Max) XRange { get; init; }
    public required (double Min, double Max) YRange { get; init; }
    public required string XLabel { get; init; }
    public required string YLabel { get; init; }
    public required Func<double, string> XText { get; init; }
    public required Func<double, string> YText { get; init; }
    public bool LogX { get; init; }
    public bool LogY { get; init; }

    public double X(double value) => Left + Share(value, XRange, LogX) * (Width - Left - Right);

    public double Y(double value) => Height - Bottom - Share(value, YRange, LogY) * (Height - Top - Bottom);

    /// <summary>Left, top, right and bottom of the plotting area, for the script.</summary>
    public static string Area { get; } = FormattableString.Invariant($"{Left} {Top} {Width - Right} {Height - Bottom}");

    /// <summary>An SVG path through the points.</summary>
    public string Path(IEnumerable<(double X, double Y)> points) =>
        "M" + string.Join("L", points.Select(p => FormattableString.Invariant($"{X(p.X):0.#} {Y(p.Y):0.#}")));

    /// <summary>Grid lines, tick labels and axis titles.</summary>
    public Markup Grid()
    {
        var (bottom, right) = (Height - Bottom, Width - Right);
        return Markup.Of($"""
            <g class="grid">{Ticks.Between(XRange, LogX, 6).Select(t => Markup.Of($"""<path d="M{X(t)} {Top}V{bottom}"/><text x="{X(t)}" y="{bottom + 18}" text-anchor="middle">{XText(t)}</text>"""))}
            {Ticks.Between(YRange, LogY, 6).Select(t => Markup.Of($"""<path d="M{Left} {Y(t)}H{right}"/><text x="{Left - 8}" y="{Y(t) + 4}" text-anchor="end">{YText(t)}</text>"""))}</g>
            <text class="axis" x="{(Left + right) / 2}" y="{Height - 10}" text-anchor="middle">{XLabel}</text>
            <text class="axis" transform="rotate(-90)" x="{-(Top + bottom) / 2}" y="14" text-anchor="middle">{YLabel}</text>

            """);
    }

    private static double Share(double value, (double Min, double Max) range, bool log) =>
        log ? Math.Log(value / range.Min) / Math.Log(range.Max / range.Min) : (value - range.Min) / (range.Max - range.Min);
}
