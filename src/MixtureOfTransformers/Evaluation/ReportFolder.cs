using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Keeps a report in a folder: <c>report.json</c> for programs, <c>report.html</c> for people, <c>images/</c> and <c>audio/</c> for both.</summary>
public static class ReportFolder
{
    /// <summary>Name of the file for programs.</summary>
    public const string JsonName = "report.json";

    /// <summary>Name of the file for people: it holds everything it shows and needs no other.</summary>
    public const string HtmlName = "report.html";

    /// <summary>Writes them; existing ones are replaced.</summary>
    /// <returns>The report with the relative file of each image and sound filled in.</returns>
    /// <exception cref="IOException">The disk is full or the folder cannot be written.</exception>
    public static ComparisonReport Write(string folder, ComparisonReport report)
    {
        var media = new ReportMedia(report.Samples, report.ImageTokenizer, report.Speech).WrittenTo(folder);
        report = report with { Samples = media.Samples, ImageTokenizer = media.ImageTokenizer, Speech = media.Speech };
        JsonFile.Write(Path.Combine(folder, JsonName), report, ReportJson.Default.ComparisonReport);
        AtomicFile.WriteText(Path.Combine(folder, HtmlName), HtmlReport.Render(report));
        return report;
    }

    /// <summary>Reads <c>report.json</c> and the images and sounds it names.</summary>
    /// <exception cref="MotException">A file is missing or damaged, or one lies outside the folder.</exception>
    public static ComparisonReport Read(string folder)
    {
        var report = JsonFile.Read(Path.Combine(folder, JsonName), ReportJson.Default.ComparisonReport);
        var media = new ReportMedia(report.Samples, report.ImageTokenizer, report.Speech).ReadFrom(folder);
        return report with { Samples = media.Samples, ImageTokenizer = media.ImageTokenizer, Speech = media.Speech };
    }
}
