using System.CommandLine;
using System.Globalization;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Evaluation.Images;
using MixtureOfTransformers.Evaluation.Speech;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot evaluate</c>: validation loss per modality of a trained run, and how well it draws, describes, hears and speaks.</summary>
internal static class EvaluateCommand
{
    private const int MeasuredImages = 256;

    public static Command Create(CliConsole console)
    {
        var folder = new Argument<string>("run") { Description = "Folder of a run" };
        var data = new Option<string?>("--data") { Description = "Folder with prepared data; default: those of the run" };
        var checkpoint = new Option<string>("--checkpoint") { Description = "latest, best or the name of one", DefaultValueFactory = _ => "latest" };
        var weights = new Option<DecodeWeightFormat>("--weights") { Description = "Weights to measure with; int8 goes token by token, as mot generate does", HelpName = "compute|int8" };
        var speech = new Option<bool>("--speech") { Description = "Also measure how well it hears and speaks, on the recordings that its recipe names" };
        var images = new Option<bool>("--images") { Description = "Also measure how well it draws held-out captions and describes held-out images that its recipe names" };
        var features = new Option<string?>("--features")
        {
            Description = "With --images: a network as ONNX file in whose features the Fréchet distance is measured, such as Inception's for the published FID",
            HelpName = "model.onnx",
        };
        var clip = new Option<string?>("--clip")
        {
            Description = "With --images: folder of a CLIP exported to ONNX (model.onnx, vocab.json, merges.txt, preprocessor_config.json); "
                + "the caption score is then the mean cosine in it, and published CLIP scores are 2.5 or 100 times that",
            HelpName = "folder",
        };
        var device = DeviceOption.Create();
        var json = CommonOptions.Json();
        return new MotCommand("evaluate", "Measure the loss of a run on all its validation data, per modality")
        {
            Arguments = { folder },
            Options = { data, checkpoint, weights, images, features, clip, speech, device, json },
            Examples =
            [
                new("mot evaluate runs/scenes", "loss in nats per token"),
                new("mot evaluate runs/scenes --weights int8", "what the weights in eight bits make of it"),
                new("mot evaluate runs/scenes --images", "Fréchet distance and caption score of its drawings, CIDEr and BLEU of its captions, beside those of real images"),
                new("mot evaluate runs/scenes --images --features inception.onnx", "the same with the features of a network of yours; MOT_ONNXRUNTIME names the folder with libonnxruntime.so"),
                new("mot evaluate runs/scenes --images --clip clip-vit-base-patch32", "the same with the mean cosine in a CLIP of yours as caption score"),
                new("mot evaluate runs/fsdd --speech", "how many held-out recordings it writes down right, and how many of its own words are recognized"),
                new("mot evaluate runs/dense --json", "for a program"),
            ],
        }.Does((parsed, cancellation) =>
        {
            if (parsed.GetValue(features) is not null && !parsed.GetValue(images))
                throw new UsageException("--features: only --images needs features; add it");
            if (parsed.GetValue(clip) is not null && !parsed.GetValue(images))
                throw new UsageException("--clip: only --images needs a CLIP; add it");
            using var judge = parsed.GetValue(clip) is { } clipFolder ? OnnxClip.Open(clipFolder) : null;
            using var network = parsed.GetValue(features) is { } file ? OnnxFeatures.Open(file) : null;
            using var run = OpenedRun.Open(parsed.GetValue(folder)!, parsed.GetValue(data), DeviceOption.Parse(parsed.GetValue(device)!), parsed.GetValue(checkpoint)!);
            var (trained, format) = (run.Trained, parsed.GetValue(weights));
            if (parsed.GetValue(speech) && trained.Tokenizers.Speech is null)
                throw new UsageException($"--speech: {parsed.GetValue(folder)} was trained without speech");
            if (parsed.GetValue(images) && trained.Tokenizers.ImageShapes.Count == 0)
                throw new UsageException($"--images: {parsed.GetValue(folder)} was trained without images");
            var batches = run.ValidationBatches();
            ValidationLoss Measure(string title, ExpertRouting routing)
            {
                trained.Model.ExpertRouting = routing;
                return console.Progress(parsed.GetValue(json)).Run(title, batches.Count, stage =>
                {
                    var progress = new Report<int>(done => stage.Report(done));
                    return format == DecodeWeightFormat.Int8
                        ? DecodedLoss.Measure(trained.Model, batches, format, cancellation, progress)
                        : new Validation(batches).Measure(trained.Model, cancellation, progress);
                });
            }
            var loss = Measure("Evaluating", ExpertRouting.ExpertChoice);
            var causal = trained.Model.Config.ChoosesAmongTokens ? trained.Model.HasRouters ? ExpertRouting.Auxiliary : ExpertRouting.TokenChoice : (ExpertRouting?)null;
            var report = new EvaluateReport(loss.Loss, loss.ModalityLoss, loss.Targets, causal is { } routing ? new(routing, Measure("Evaluating with causal routing", routing)) : null)
            {
                DenoisingLoss = trained.Model.Config.Diffusion is null ? null : console.Progress(parsed.GetValue(json)).Run("Denoising by level of noise", 0, _ => DenoisingByLevel(trained.Model, batches, cancellation)),
                Images = parsed.GetValue(images) ? Images(trained, network, judge, console.Progress(parsed.GetValue(json)), cancellation) : null,
                Speech = parsed.GetValue(speech) ? Speech(trained, console.Progress(parsed.GetValue(json)), cancellation) : null,
            };
            if (parsed.GetValue(json))
                console.WriteJson(report, EvaluateJson.Default.EvaluateReport);
            else
                report.Print(trained.Checkpoint.State.Step, ArchitectureNames.Choosers(trained.Model.Config), console);
            return ExitCode.Success;
        });
    }

    private static SortedDictionary<string, double> DenoisingByLevel(MotModel model, IReadOnlyList<Batch> batches, CancellationToken cancellation) => new(DenoisingLoss.Levels
        .Zip(DenoisingLoss.Measure(model, batches, DenoisingLoss.Levels, cancellation)).ToDictionary(p => p.First.ToString("0.0", CultureInfo.InvariantCulture), p => p.Second), StringComparer.Ordinal);

    private static ImageQuality Images(TrainedModel trained, IImageFeatures? features, ICaptionScore? judge, ConsoleProgress progress, CancellationToken cancellation)
    {
        var recipe = trained.Run.Recipe;
        using var evaluation = progress.Run("Learning to judge images", 1, stage => ImageEvaluation.Create(recipe.Data, MeasuredImages, recipe.Seed, features, judge, share => stage.Report(share), cancellation: cancellation));
        var scores = progress.Run("Drawing and describing", 0, _ => evaluation.Measure(trained.Generator, cancellation));
        return evaluation.Reference with { Models = [new(recipe.Model.Architecture, recipe.Seed, scores)] };
    }

    private static SpeechQuality Speech(TrainedModel trained, ConsoleProgress progress, CancellationToken cancellation)
    {
        var recipe = trained.Run.Recipe;
        using var evaluation = progress.Run("Learning to recognize words", 1, stage => SpeechEvaluation.Create(recipe.Data, trained.Tokenizers.Speech!, recipe.Seed, share => stage.Report(share), cancellation));
        var model = progress.Run("Hearing and speaking", 0, _ => evaluation.Measure(recipe.Model.Architecture, trained.Generator, cancellation));
        return evaluation.Tokenizer with { Models = [model], Reconstructions = [] };
    }
}
