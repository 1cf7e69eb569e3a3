using ScottPlot;
using SkiaSharp;

namespace MixtureOfTransformers.Evaluation.Plots;

/// <summary>The font of the plots, embedded in the assembly: a bare machine or container has none, and text would be missing.</summary>
internal sealed class PlotFont : IFontResolver
{
    private const string Name = "DejaVu Sans";
    private static readonly SKTypeface Typeface = Load();

    static PlotFont() => Fonts.FontResolvers.Insert(0, new PlotFont());

    private PlotFont()
    {
    }

    /// <summary>Makes <paramref name="plot"/> use the font.</summary>
    public static void Use(Plot plot) => plot.Font.Set(Name, FontWeight.Normal, FontSlant.Upright, FontSpacing.Normal);

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) => fontName == Name ? Typeface : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? Typeface : null;

    private static SKTypeface Load()
    {
        using var stream = typeof(PlotFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf") ?? throw new InvalidOperationException("DejaVuSans.ttf is not embedded in the assembly");
        return SKTypeface.FromStream(stream);
    }
}
