using System.CommandLine;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot generate</c>: images, speech and text, each from any of the others, and documents that interleave them.</summary>
internal static class GenerateCommand
{
    public static Command Create(CliConsole console)
    {
        var run = new Argument<string>("run") { Description = "Folder of a run" };
        var prompts = new Option<string[]>("--prompt") { Description = "A caption to draw, words to speak, or text to continue; may be repeated", DefaultValueFactory = _ => [] };
        var images = new Option<string[]>("--image") { Description = "An image to describe, or with --speak to speak about; may be repeated", DefaultValueFactory = _ => [] };
        var recordings = new Option<string[]>("--audio") { Description = "A WAV, FLAC or Ogg Vorbis file whose words are written down, or with --out drawn; may be repeated", DefaultValueFactory = _ => [] };
        var speech = new Option<string?>("--speak") { Description = "WAV file for what is spoken; several get -1, -2, … before the extension", HelpName = "file" };
        var seconds = new Option<double?>("--seconds") { Description = "Most seconds of each clip that is spoken, which is cut there; default: until the model ends it" };
        var output = new Option<string?>("--out") { Description = "PNG file for what is drawn; several images get -1, -2, … before the extension" };
        var count = new Option<int>("--count") { Description = "Images to draw, or clips to speak, per input", DefaultValueFactory = _ => 1 };
        var interleave = new Option<bool>("--interleave") { Description = "Continue the inputs freely: text, with --out images, with --speak speech, as the model likes" };
        var checkpoint = new Option<string>("--checkpoint") { Description = "latest, best or the name of one", DefaultValueFactory = _ => "latest" };
        var sampling = new SamplingArguments();
        var weights = new Option<DecodeWeightFormat>("--weights") { Description = "Weights to decode with: in the run's number format, or in eight bits, on cpu only", HelpName = "compute|int8" };
        var device = DeviceOption.Create();
        var json = CommonOptions.Json();
        var command = new MotCommand("generate", "Generate images, speech or text, each from any of the others, or all interleaved")
        {
            Arguments = { run },
            Options = { prompts, images, recordings, output, speech, seconds, count, interleave, checkpoint, weights, device, json },
            Examples =
            [
                new("mot generate runs/scenes --prompt \"a large red circle on white\" --out circle.png", "draws an image"),
                new("mot generate runs/sizes --prompt \"a large red circle\" --size 24x32 --out circle.png", "draws in a size of the recipe's image_sizes"),
                new("mot generate runs/scenes --image circle.png", "describes an image"),
                new("mot generate runs/fsdd --prompt seven --speak seven.wav", "speaks"),
                new("mot generate runs/speakers --prompt \"george: seven\" --speak seven.wav --seconds 2", "speaks in the voice of a speaker of the recipe's speaker_field"),
                new("mot generate runs/fsdd --audio seven.wav", "writes down what is said"),
                new("mot generate runs/spoken-scenes --audio circle.wav --out circle.png", "draws what is said"),
                new("mot generate runs/spoken-scenes --image circle.png --speak circle.wav", "says what is to be seen"),
                new("mot generate runs/scenes --interleave --prompt \"a small\" --out parts.png", "goes on with text and images"),
            ],
        };
        sampling.AddTo(command);
        return command.Does((parsed, cancellation) =>
        {
            var request = new GenerationRequest(parsed.GetValue(prompts)!, parsed.GetValue(images)!, parsed.GetValue(recordings)!,
                parsed.GetValue(output), parsed.GetValue(speech), parsed.GetValue(count), parsed.GetValue(interleave))
            { Seconds = parsed.GetValue(seconds) };
            request.Validate();
            var (options, size) = (sampling.Read(parsed), sampling.Size(parsed));
            if (size is { } unused && !request.MayDraw)
                throw new UsageException($"--size {unused} is for what is drawn, and nothing is here; leave it out, or say with --out image.png where a drawing goes");
            NativeRuntime.EnsureLoaded();
            using var trained = TrainedModel.Open(parsed.GetValue(run)!, DeviceOption.Parse(parsed.GetValue(device)!), parsed.GetValue(checkpoint)!, parsed.GetValue(weights));
            var name = request.Interleave ? "Continuing" : request.Speaks ? "Speaking" : request.Draws ? "Drawing" : request.Recordings.Length > 0 ? "Listening" : "Describing";
            var sized = Sized(options, size, trained);
            var report = console.Progress(json: true).Run(name, 0, _ => Generate(trained, request, sized, cancellation));
            if (parsed.GetValue(json))
                console.WriteJson(report, GenerationJson.Default.GenerationReport);
            else
                foreach (var line in report.Captions.Concat(report.Text is { } text ? [text] : []).Concat(report.Files))
                    console.Output.WriteLine(line);
            return ExitCode.Success;
        });
    }

    private static GenerationReport Generate(TrainedModel trained, GenerationRequest request, SamplingOptions options, CancellationToken cancellation)
    {
        var generator = trained.Generator;
        var images = request.Images.Select(file => ImageFile.Read(file, Sizes(trained), trained.Tokenizers.ImageShapes[0].Channels)).ToArray();
        DocumentPart[] inputs = [.. request.Prompts.Select(p => new TextPart(p)), .. images.Select(i => new ImagePart(i))];
        var clips = RecordingReader.Read(request, inputs, options.Denoising.SizeIndex, trained);
        inputs = [.. inputs, .. clips.Select(c => new SpeechPart(c))];
        if (request.Interleave)
            return Continue(generator, request, inputs, options, cancellation);
        Document[] documents = [.. inputs.SelectMany(part => Enumerable.Repeat(new Document("prompt", part is TextPart { Text.Length: 0 } ? [] : [part]), request.Count))];
        if (request.Speaks)
            return new() { Files = Write([.. generator.SpeakAfter(documents, options, cancellationToken: cancellation).Select(request.Cut)], request.Speech!, WavFile.Write) };
        if (request.Draws)
            return new() { Files = Write(generator.DrawAfter(documents, options, cancellation), request.Output!, ImageCodec.WritePng) };
        return new() { Captions = clips.Length > 0 ? generator.Transcribe(clips, options, cancellationToken: cancellation) : generator.CaptionImages(images, options, cancellationToken: cancellation) };
    }

    private static GenerationReport Continue(MultimodalGenerator generator, GenerationRequest request, DocumentPart[] inputs, SamplingOptions options, CancellationToken cancellation)
    {
        var (maxImages, maxSpeech) = (request.Output is null ? 0 : (int?)null, request.Speech is null ? 0 : int.MaxValue);
        var document = generator.Continue([new Document("prompt", [.. inputs])], options, maxImages: maxImages, maxSpeech: maxSpeech, cancellationToken: cancellation).Single();
        string[] Drawn() => Write([.. document.Parts.OfType<ImagePart>().Select(p => p.Image)], request.Output!, ImageCodec.WritePng);
        string[] Spoken() => Write([.. document.Parts.OfType<SpeechPart>().Select(p => p.Clip)], request.Speech!, WavFile.Write);
        return new()
        {
            Text = string.Concat(request.Prompts) + string.Concat(document.Parts.Select(p => p is TextPart text ? text.Text : $" [{p.Modality}] ")),
            Files = [.. request.Output is null ? [] : Drawn(), .. request.Speech is null ? [] : Spoken()],
        };
    }

    /// <summary>The sizes of images that a model has learned.</summary>
    private static PixelSize[] Sizes(TrainedModel trained) => trained.Tokenizers.ImageShapes is { Count: > 0 } shapes
        ? [.. shapes.Select(s => new PixelSize(s.Width, s.Height))]
        : throw new MotException("this model was trained without images");

    /// <summary>The options with the size that is asked for.</summary>
    private static SamplingOptions Sized(SamplingOptions options, PixelSize? size, TrainedModel trained)
    {
        if (size is not { } asked)
            return options;
        var place = Array.IndexOf(Sizes(trained), asked);
        return place >= 0 ? options with { Denoising = options.Denoising with { SizeIndex = place } }
            : throw new UsageException($"--size {asked}: this model draws images of {string.Join(" or ", Sizes(trained))} pixels");
    }

    private static string[] Write<T>(IReadOnlyList<T> items, string target, Action<string, T> write)
    {
        var (stem, extension) = (Path.Combine(Path.GetDirectoryName(target) ?? "", Path.GetFileNameWithoutExtension(target)), Path.GetExtension(target));
        var files = items.Count == 1 ? [target] : items.Select((_, i) => $"{stem}-{i + 1}{extension}").ToArray();
        foreach (var (item, file) in items.Zip(files))
            write(file, item);
        return files;
    }
}
