using MixtureOfTransformers.Evaluation.Html;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>Keeps an analysis in a folder: <c>analysis.json</c> for programs, <c>analysis.html</c> for people.</summary>
public static class AnalysisFolder
{
    /// <summary>Name of the file for programs.</summary>
    public const string JsonName = "analysis.json";

    /// <summary>Name of the file for people: it holds everything it shows and needs no other.</summary>
    public const string HtmlName = "analysis.html";

    /// <summary>Writes both; existing ones are replaced.</summary>
    /// <exception cref="IOException">The disk is full or the folder cannot be written.</exception>
    public static void Write(string folder, AnalysisReport report)
    {
        JsonFile.Write(Path.Combine(folder, JsonName), report, AnalysisJson.Default.AnalysisReport);
        AtomicFile.WriteText(Path.Combine(folder, HtmlName), AnalysisPage.Render(report));
    }

    /// <summary>Reads <c>analysis.json</c>.</summary>
    /// <exception cref="MotException">The file is missing or damaged.</exception>
    public static AnalysisReport Read(string folder) => JsonFile.Read(Path.Combine(folder, JsonName), AnalysisJson.Default.AnalysisReport);
}
