using System.Collections.Immutable;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>The parts of a report that hold pictures and sounds, which are files beside its JSON.</summary>
/// <param name="Samples">What was generated.</param>
/// <param name="ImageTokenizer">Reconstructed images; null where there are none.</param>
/// <param name="Speech">Reconstructed speech; null where there is none.</param>
internal sealed record ReportMedia(ImmutableArray<ReportSample> Samples, ImageTokenizerQuality? ImageTokenizer, SpeechQuality? Speech)
{
    /// <summary>Writes the files below <c>images/</c> and <c>audio/</c>.</summary>
    /// <returns>The same with the name of each file filled in.</returns>
    public ReportMedia WrittenTo(string folder)
    {
        string Write(string name, ReadOnlyMemory<byte> bytes)
        {
            AtomicFile.WriteBytes(PathOf(folder, name), bytes);
            return name;
        }
        return Map((image, name) => image with { File = Write($"images/{name}.png", image.Png) }, (sound, name) => sound with { File = Write($"audio/{name}.wav", sound.Wav) });
    }

    /// <summary>Reads the files that the parts name.</summary>
    /// <exception cref="MotException">One is missing, or lies outside the folder.</exception>
    public ReportMedia ReadFrom(string folder) =>
        Map((image, _) => image with { Png = ReadFile(PathOf(folder, image.File)) }, (sound, _) => sound with { Wav = ReadFile(PathOf(folder, sound.File)) });

    private ReportMedia Map(Func<ReportImage, string, ReportImage> image, Func<ReportSound, string, ReportSound> sound)
    {
        ReportImage? Image(ReportImage? given, string name) => given is null ? null : image(given, name);
        ReportSound? Sound(ReportSound? given, string name) => given is null ? null : sound(given, name) with { Spectrogram = image(given.Spectrogram, $"{name}-spectrogram") };
        return new(
            [.. Samples.Select((s, i) => s with
            {
                Image = Image(s.Image, $"sample-{i + 1}-truth"),
                Sound = Sound(s.Sound, $"sample-{i + 1}-truth"),
                Generated = [.. s.Generated.Select(g => g with
                {
                    Image = Image(g.Image, $"sample-{i + 1}-{SafeName.Of(g.Architecture)}"),
                    Sound = Sound(g.Sound, $"sample-{i + 1}-{SafeName.Of(g.Architecture)}"),
                    Steps = [.. g.Steps.Select((step, number) => image(step, $"sample-{i + 1}-{SafeName.Of(g.Architecture)}-step-{number + 1}"))],
                })],
            })],
            ImageTokenizer is null ? null : ImageTokenizer with
            {
                Reconstructions = [.. ImageTokenizer.Reconstructions.Select((r, i) =>
                    new Reconstruction(image(r.Original, $"tokenizer-{i + 1}-original"), image(r.Decoded, $"tokenizer-{i + 1}-decoded")))],
            },
            Speech is null ? null : Speech with
            {
                Reconstructions = [.. Speech.Reconstructions.Select((r, i) => new SpeechReconstruction(r.Words, Sound(r.Original, $"speech-{i + 1}-original")!, Sound(r.Decoded, $"speech-{i + 1}-decoded")!))],
            });
    }

    private static string PathOf(string folder, string? file)
    {
        var root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        var path = Path.GetFullPath(Path.Combine(root, file ?? ""));
        return path.StartsWith(root, StringComparison.Ordinal) && path.Length > root.Length ? path
            : throw new MotException($"{folder}: the report names the file '{file}', which is not a file inside the report's folder");
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new MotException($"{path}: a file of the report cannot be read: {error.Message}", error);
        }
    }
}
