using System.Collections.Immutable;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>The pictures of a report as files beside its JSON.</summary>
internal static class ReportImages
{
    /// <summary>Writes the pictures below the folder's <c>images/</c>.</summary>
    /// <returns>The same samples and tokenizer with each picture's file filled in.</returns>
    public static (ImmutableArray<ReportSample> Samples, ImageTokenizerQuality? Tokenizer) Write(string folder, ImmutableArray<ReportSample> samples, ImageTokenizerQuality? tokenizer) =>
        Map(samples, tokenizer, (image, name) =>
        {
            var named = image with { File = $"images/{name}.png" };
            AtomicFile.WriteBytes(PathOf(folder, named), named.Png);
            return named;
        });

    /// <summary>Reads the pictures that the samples and the tokenizer name.</summary>
    /// <exception cref="MotException">A picture is missing, or lies outside the folder.</exception>
    public static (ImmutableArray<ReportSample> Samples, ImageTokenizerQuality? Tokenizer) Read(string folder, ImmutableArray<ReportSample> samples, ImageTokenizerQuality? tokenizer) =>
        Map(samples, tokenizer, (image, _) => image with { Png = ReadImage(PathOf(folder, image)) });

    private static (ImmutableArray<ReportSample> Samples, ImageTokenizerQuality? Tokenizer) Map(
        ImmutableArray<ReportSample> samples, ImageTokenizerQuality? tokenizer, Func<ReportImage, string, ReportImage> map) =>
    (
        [.. samples.Select((s, i) => s with
        {
            Image = s.Image is { } image ? map(image, $"sample-{i + 1}-truth") : null,
            Generated = [.. s.Generated.Select(g => g with
            {
                Image = g.Image is { } made ? map(made, $"sample-{i + 1}-{SafeName.Of(g.Architecture)}") : null,
                Steps = [.. g.Steps.Select((step, number) => map(step, $"sample-{i + 1}-{SafeName.Of(g.Architecture)}-step-{number + 1}"))],
            })],
        })],
        tokenizer is null ? null : tokenizer with
        {
            Reconstructions = [.. tokenizer.Reconstructions.Select((r, i) =>
                new Reconstruction(map(r.Original, $"tokenizer-{i + 1}-original"), map(r.Decoded, $"tokenizer-{i + 1}-decoded")))],
        }
    );

    private static string PathOf(string folder, ReportImage image)
    {
        var root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        var path = Path.GetFullPath(Path.Combine(root, image.File ?? ""));
        return path.StartsWith(root, StringComparison.Ordinal) && path.Length > root.Length ? path
            : throw new MotException($"{folder}: the report names the image '{image.File}', which is not a file inside the report's folder");
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
