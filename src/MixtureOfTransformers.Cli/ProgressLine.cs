using Spectre.Console;
using Spectre.Console.Rendering;

namespace MixtureOfTransformers.Cli;

/// <summary>A stage as one line of a terminal: name, bar, figures, cut where the terminal ends.</summary>
internal sealed class ProgressLine(ProgressStage stage) : Renderable
{
    private const int BarWidth = 24;

    protected override Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var full = stage.Fraction is { } fraction ? (int)Math.Round(BarWidth * fraction) : 0;
        (string Text, Color Colour)[] parts =
        [
            ($"{stage.Name}  ", Color.Default),
            (new string('━', full), Color.Green),
            (stage.Fraction is null ? "" : new string('━', BarWidth - full), Color.Grey),
            ($"{(stage.Fraction is null ? "" : "  ")}{stage.Status()}", Color.Default),
        ];
        var left = maxWidth - 1; // a full line would wrap on some terminals
        foreach (var (text, colour) in parts)
        {
            var shown = text.Length <= left ? text : text[..Math.Max(0, left)];
            left -= shown.Length;
            if (shown.Length > 0)
                yield return new Segment(shown, new Style(colour));
        }
        yield return Segment.LineBreak;
    }
}
