using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Keeps a report in a folder: <c>report.json</c> for programs, <c>report.html</c> for people, <c>images/</c> for both.</summary>
public static class ReportFolder
{
    /// <summary>Name of the file for programs.</summary>
    public const string JsonName = "report.json";

    /// <summary>Name of the file for people: it holds everything it shows and needs no other.</summary>
    public const string HtmlName = "report.html";

    /// <summary>Writes the three; existing ones are replaced.</summary>
    /// <returns>The report with the relative file of each image filled in.</returns>
    /// <exception cref="IOException">The disk is full or the folder cannot be written.</exception>
    public static ComparisonReport Write(string folder, ComparisonReport report)
    {
        var (samples, tokenizer) = ReportImages.Write(folder, report.Samples, report.ImageTokenizer);
        report = report with { Samples = samples, ImageTokenizer = tokenizer };
        JsonFile.Write(Path.Combine(folder, JsonName), report, ReportJson.Default.ComparisonReport);
        AtomicFile.WriteText(Path.Combine(folder, HtmlName), HtmlReport.Render(report));
        return report;
    }

    /// <summary>Reads <c>report.json</c> and the images it names.</summary>
    /// <exception cref="MotException">A file is missing or damaged, or an image lies outside the folder.</exception>
    public static ComparisonReport Read(string folder)
    {
        var report = JsonFile.Read(Path.Combine(folder, JsonName), ReportJson.Default.ComparisonReport);
        var (samples, tokenizer) = ReportImages.Read(folder, report.Samples, report.ImageTokenizer);
        return report with { Samples = samples, ImageTokenizer = tokenizer };
    }
}
