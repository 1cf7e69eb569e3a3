using System.CommandLine;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot generate</c>: images from prompts, captions from images, and documents that interleave both.</summary>
internal static class GenerateCommand
{
    public static Command Create(CliConsole console)
    {
        var run = new Argument<string>("run") { Description = "Folder of a run" };
        var prompts = new Option<string[]>("--prompt") { Description = "A caption to draw, or text to continue; may be repeated", DefaultValueFactory = _ => [] };
        var images = new Option<string[]>("--image") { Description = "An image to describe; may be repeated", DefaultValueFactory = _ => [] };
        var output = new Option<string?>("--out") { Description = "PNG file to write; several images get -1, -2, … before the extension" };
        var count = new Option<int>("--count") { Description = "Images per prompt", DefaultValueFactory = _ => 1 };
        var interleave = new Option<bool>("--interleave") { Description = "Continue the prompt freely, text and images as the model likes" };
        var checkpoint = new Option<string>("--checkpoint") { Description = "latest, best or the name of one", DefaultValueFactory = _ => "latest" };
        var sampling = new SamplingArguments();
        var device = DeviceOption.Create();
        var json = CommonOptions.Json();
        var command = new MotCommand("generate", "Generate images from captions, captions from images, or both interleaved")
        {
            Arguments = { run },
            Options = { prompts, images, output, count, interleave, checkpoint, device, json },
            Examples =
            [
                new("mot generate runs/scenes --prompt \"a large red circle on white\" --out circle.png", "draws an image"),
                new("mot generate runs/scenes --image circle.png", "describes an image"),
                new("mot generate runs/scenes --interleave --prompt \"a small\" --out parts.png", "goes on with text and images"),
            ],
        };
        sampling.AddTo(command);
        return command.Does((parsed, cancellation) =>
        {
            var (texts, files, target) = (parsed.GetValue(prompts)!, parsed.GetValue(images)!, parsed.GetValue(output));
            if (texts.Length + files.Length == 0)
                throw new UsageException("give a --prompt to draw or an --image to describe");
            if (texts.Length > 0 && files.Length > 0 && !parsed.GetValue(interleave))
                throw new UsageException("--prompt draws and --image describes; give one of them, or --interleave to continue both together");
            if (parsed.GetValue(count) is < 1 and var wrong)
                throw new UsageException($"--count {wrong} must be at least 1");
            if (target is null && (texts.Length > 0 && !parsed.GetValue(interleave)))
                throw new UsageException("--prompt draws an image: say where with --out image.png");
            var options = sampling.Read(parsed);
            NativeRuntime.EnsureLoaded();
            using var trained = TrainedModel.Open(parsed.GetValue(run)!, DeviceOption.Parse(parsed.GetValue(device)!), parsed.GetValue(checkpoint)!);
            var generator = trained.Generator;
            GenerationReport report;
            if (parsed.GetValue(interleave))
                report = Interleave(trained, texts, files, options, target, cancellation);
            else if (files.Length > 0)
                report = new() { Captions = [.. generator.CaptionImages([.. files.Select(f => ReadImage(f, trained))], options, cancellationToken: cancellation)] };
            else
            {
                var repeated = texts.SelectMany(t => Enumerable.Repeat(t, parsed.GetValue(count))).ToArray();
                var drawn = console.Progress(json: true).Run("Drawing", 0, _ => generator.GenerateImages(repeated, options, cancellation));
                report = new() { Files = Write(drawn, target!) };
            }
            if (parsed.GetValue(json))
                console.WriteJson(report, GenerationJson.Default.GenerationReport);
            else
                foreach (var line in report.Captions.Concat(report.Text is { } text ? [text] : []).Concat(report.Files))
                    console.Output.WriteLine(line);
            return ExitCode.Success;
        });
    }

    private static GenerationReport Interleave(TrainedModel trained, string[] texts, string[] files, SamplingOptions options, string? target, CancellationToken cancellation)
    {
        DocumentPart[] parts = [.. texts.Select(t => new TextPart(t)), .. files.Select(f => new ImagePart(ReadImage(f, trained)))];
        var document = trained.Generator.Continue([new Document("prompt", [.. parts])], options, cancellationToken: cancellation).Single();
        var drawn = document.Parts.OfType<ImagePart>().Select(p => p.Image).ToArray();
        if (drawn.Length > 0 && target is null)
            throw new UsageException($"{drawn.Length} images were drawn: say where they go with --out image.png");
        return new()
        {
            Text = string.Concat(texts) + string.Concat(document.Parts.Select(p => p is TextPart text ? text.Text : " [image] ")),
            Files = drawn.Length > 0 ? Write(drawn, target!) : [],
        };
    }

    private static PixelImage ReadImage(string path, TrainedModel trained)
    {
        var config = trained.Tokenizers.Image?.Config ?? throw new MotException("this model has no image tokenizer; it was trained on text alone");
        try
        {
            return ImageCodec.Decode(File.ReadAllBytes(path), config.ImageWidth, config.Channels, Rgb.White);
        }
        catch (Exception error) when (error is MotException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MotException($"{path}: {error.Message}", error);
        }
    }

    private static string[] Write(IReadOnlyList<PixelImage> images, string target)
    {
        var (stem, extension) = (Path.Combine(Path.GetDirectoryName(target) ?? "", Path.GetFileNameWithoutExtension(target)), Path.GetExtension(target));
        if (!extension.Equals(".png", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"--out {target} must end in .png");
        var files = images.Count == 1 ? [target] : images.Select((_, i) => $"{stem}-{i + 1}{extension}").ToArray();
        foreach (var (image, file) in images.Zip(files))
            ImageCodec.WritePng(file, image);
        return files;
    }
}
