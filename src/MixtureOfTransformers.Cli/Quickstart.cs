using System.Collections.Immutable;
using System.Text.Json;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Cli;

/// <summary>The main job from end to end: data, tokenizers, both models, table, samples, report.</summary>
internal sealed class Quickstart(QuickstartSetting setting, Recipe recipe, string folder, TimeSpan budget, CliConsole console, bool json)
{
    private const string DataFolder = "data";
    private const int Slices = 16;
    private const int Samples = 4;

    /// <summary>Kept for generation, the report, and slower seconds than those that were measured.</summary>
    private const double Reserve = 0.07;

    private static readonly string[] Compared = [Architectures.Dense, Architectures.Mot];

    public void Run(CancellationToken cancellation)
    {
        var start = console.Time.GetTimestamp();
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(entry => Path.GetFileName(entry) != DataFolder))
            throw new MotException($"{folder} is not empty; name a new folder with --out, or delete it");
        var environment = RunEnvironment.Capture(Environment.CommandLine, recipe.Seed, 0, console.Time) with { Data = Path.Combine("..", DataFolder) };
        var progress = console.Progress(json);
        using var prepared = RecipePreparation.Run(recipe, Path.Combine(folder, DataFolder), new ConsoleStages(progress), cancellation);
        using var tokenizers = TokenizerSet.Open(prepared.TokenizersFolder);
        using var gallery = progress.Run("Measuring the tokenizers", 1, stage => new SampleGallery(recipe.Data, tokenizers, Samples, recipe.Seed, share => stage.Report(share), cancellation));
        using var comparison = new ArchitectureComparison(recipe, Compared, prepared.Data, CPU, console.Time);
        var runs = progress.Run("Training dense and MoT", 1, stage => comparison.Run(Slices, Left(start), new DisplayOf(stage), cancellation));
        comparison.Save(folder, prepared, recipe, environment);
        progress.Run("Generating samples", 0, _ =>
        {
            foreach (var architecture in Compared)
                gallery.Add(architecture, TrainedModel.CreateGenerator(comparison.Models[architecture], tokenizers), cancellation);
            return true;
        });
        var report = ReportFolder.Write(folder, Report(runs, gallery, prepared.Data, environment));
        Print(report, start);
    }

    private TimeSpan Left(long start)
    {
        var left = (budget * (1 - Reserve)) - console.Time.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private ComparisonReport Report(ImmutableArray<ArchitectureRun> runs, SampleGallery gallery, PreparedData data, RunEnvironment environment)
    {
        var ran = recipe with { Training = recipe.Training with { Steps = runs[0].Steps } };
        var metadata = new ReportMetadata
        {
            Setting = setting.Name,
            Date = console.Time.GetUtcNow(),
            Seed = (ulong)recipe.Seed,
            Command = $"mot quickstart --setting {setting.Name} --minutes {budget.TotalMinutes:0.##} --seed {recipe.Seed}",
            Machine = ReportMachine.Describe(environment),
            Versions = ReportMachine.Versions(environment),
            Recipe = JsonSerializer.SerializeToElement(ran, RecipeJson.Default.Recipe),
        };
        return ComparisonReport.Create(metadata, runs[0], runs.AsSpan()[1..]) with
        {
            ImageTokenizer = gallery.ImageTokenizer,
            Speech = gallery.Speech,
            Samples = gallery.Samples,
            Notes = [.. Notes(ran, data)],
        };
    }

    private IEnumerable<string> Notes(Recipe ran, PreparedData data)
    {
        var training = ran.Training;
        yield return "Both models have the same shape, seed, data order, schedule and learning rate, and spend the same FLOPs. Where there are processors for both they train at the same time, with half of them each; the slower one then ends every sixteenth of the run alone, which flatters its time a little. The learning rate was chosen for both by short runs on scenes like these.";
        yield return $"One seed, {training.Steps} steps (as many as fitted the time: --minutes gives another number on another machine), losses on {training.ValidationBatches * training.BatchRows * training.SequenceLength} held-out tokens, {data.Train.DocumentCount} training documents that are {setting.Data}: a demonstration, not a measurement of the paper's claims.";
        if (training.Steps < 5 * training.WarmupSteps)
            yield return $"So few steps, {training.WarmupSteps} of them warm-up, say nothing about either model: give it more --minutes.";
        if (ran.ImagePatches?.GridsOf(ran.Data, ran.ImageVae) is [{ PatchSize: var size }, ..])
            yield return $"Images are patches of {size}x{size} {(ran.ImageVae is null ? "pixels" : "latents")} that are denoised, in {SampleGallery.Drawing.Denoising.Steps} steps with the same noise for both models; their validation loss is the mean squared error at random levels of noise, the same for both.";
        yield return "Samples, reconstructions and validation losses are of held-out scenes, whose descriptions never occur in training. Images are drawn with classifier-free guidance 2, captions greedily.";
        if (data.Vocabulary.Modalities.Contains(ModalityId.Speech))
            yield return "Held-out speech says words that occur in training too, but with a combination of voice, rate and pitch that does not. Transcripts are written greedily, speech is drawn at temperature 0.7.";
    }

    private void Print(ComparisonReport report, long start)
    {
        if (json)
        {
            console.WriteJson(report, ReportJson.Default.ComparisonReport);
            return;
        }
        var study = ComparisonStudy.Of(report);
        foreach (var table in (ReportTable[])[StudyTables.Quality(study), StudyTables.Cost(study), .. report.Speech is { } speech ? [SpeechTable.Of(speech)] : Array.Empty<ReportTable>()])
            ReportConsole.Print(table, console);
        foreach (var sentence in ReportHeadline.Of(study) is var headline ? headline.Details.Prepend(headline.Title) : [])
            console.Output.WriteLine(sentence);
        console.Output.WriteLine($"Finished in {ProgressStage.Clock(console.Time.GetElapsedTime(start))}. Open {Path.Combine(folder, ReportFolder.HtmlName)}; go on with: mot generate {Path.Combine(folder, "mot")} {setting.Next}");
    }

    private sealed class DisplayOf(ProgressStage stage) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value) =>
            stage.Report((double)value.StepsDone / value.StepsTotal, $"{ArchitectureNames.Label(value.Architecture)} step {value.Step.Step}  loss {TrainingDisplay.Losses(value.Step.Loss, value.Step.ModalityLoss)}");
    }
}
