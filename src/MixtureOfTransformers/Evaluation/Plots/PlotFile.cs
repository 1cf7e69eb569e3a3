using MixtureOfTransformers.Storage;
using ScottPlot;

namespace MixtureOfTransformers.Evaluation.Plots;

/// <summary>Keeps a plot as SVG and as PNG.</summary>
internal static class PlotFile
{
    private const int Width = 900, Height = 560;

    /// <summary>Writes both files, replacing those that are there, and disposes the plot.</summary>
    public static void Save(string folder, string name, Plot plot)
    {
        using (plot)
        {
            AtomicFile.WriteText(Path.Combine(folder, name + ".svg"), plot.GetSvgXml(Width, Height));
            using var image = plot.GetImage(Width, Height);
            AtomicFile.WriteBytes(Path.Combine(folder, name + ".png"), image.GetImageBytes(ImageFormat.Png, 100));
        }
    }
}
