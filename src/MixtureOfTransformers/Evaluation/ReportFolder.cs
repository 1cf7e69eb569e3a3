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
        report = NameImages(report);
        foreach (var image in Images(report))
            AtomicFile.WriteBytes(PathOf(folder, image), image.Png);
        JsonFile.Write(Path.Combine(folder, JsonName), report, ReportJson.Default.ComparisonReport);
        AtomicFile.WriteText(Path.Combine(folder, HtmlName), HtmlReport.Render(report));
        return report;
    }

    /// <summary>Reads <c>report.json</c> and the images it names.</summary>
    /// <exception cref="MotException">A file is missing or damaged, or an image lies outside the folder.</exception>
    public static ComparisonReport Read(string folder)
    {
        var report = JsonFile.Read(Path.Combine(folder, JsonName), ReportJson.Default.ComparisonReport);
        return MapImages(report, (image, _) => image with { Png = ReadImage(PathOf(folder, image)) });
    }

    private static ComparisonReport NameImages(ComparisonReport report) => MapImages(report, (image, name) => image with { File = $"images/{name}.png" });

    private static ComparisonReport MapImages(ComparisonReport report, Func<ReportImage, string, ReportImage> map) => report with
    {
        Samples = [.. report.Samples.Select((s, i) => s with
        {
            Image = s.Image is { } image ? map(image, $"sample-{i + 1}-truth") : null,
            Generated = [.. s.Generated.Select(g => g with { Image = g.Image is { } made ? map(made, $"sample-{i + 1}-{SafeName(g.Architecture)}") : null })],
        })],
        ImageTokenizer = report.ImageTokenizer is not { } tokenizer ? null : tokenizer with
        {
            Reconstructions = [.. tokenizer.Reconstructions.Select((r, i) =>
                new Reconstruction(map(r.Original, $"tokenizer-{i + 1}-original"), map(r.Decoded, $"tokenizer-{i + 1}-decoded")))],
        },
    };

    private static IEnumerable<ReportImage> Images(ComparisonReport report) =>
        report.Samples.SelectMany(s => s.Generated.Select(g => g.Image).Prepend(s.Image)).OfType<ReportImage>()
            .Concat(report.ImageTokenizer?.Reconstructions.SelectMany(r => (ReportImage[])[r.Original, r.Decoded]) ?? []);

    private static string SafeName(string architecture) => string.Concat(architecture.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));

    private static string PathOf(string folder, ReportImage image)
    {
        var root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        var path = Path.GetFullPath(Path.Combine(root, image.File ?? ""));
        return path.StartsWith(root, StringComparison.Ordinal) && path.Length > root.Length ? path
            : throw new MotException($"{Path.Combine(folder, JsonName)} names the image '{image.File}', which is not a file inside the report's folder");
    }

    private static byte[] ReadImage(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new MotException($"{path}: the report's image cannot be read: {error.Message}", error);
        }
    }
}
