using System.CommandLine;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot train</c>: from a recipe to a run folder, in one command.</summary>
internal static class TrainCommand
{
    public static Command Create(CliConsole console)
    {
        var recipeOptions = new RecipeOptions();
        var output = new Option<string>("--out") { Description = "Folder of the run", Required = true };
        var data = new Option<string?>("--data") { Description = "Folder with prepared data (see mot data prepare); made there when missing. Default: data/ inside the run, or with --resume those of the run" };
        var architecture = ArchitectureOption.Create("Which model, in place of the recipe's");
        var device = DeviceOption.Create();
        var resume = new Option<bool>("--resume") { Description = "Go on where the run in --out stopped; the result is bit for bit that of a run that never stopped" };
        var command = new MotCommand("train", "Train a model: prepares data and tokenizers when needed, then trains, validates and saves")
        {
            Options = { output, data, architecture, device, resume },
            Examples =
            [
                new("mot train recipes/scenes.json --out runs/scenes", "trains on the built-in data"),
                new("mot train recipes/scenes.json --out runs/scenes --resume", "goes on after an interruption"),
                new("mot train recipes/scenes.json --out runs/dense --data runs/scenes/data --architecture dense", "the dense twin on the same data"),
            ],
        };
        recipeOptions.AddTo(command);
        return command.Does((parsed, cancellation) =>
        {
            var (target, folder) = (parsed.GetValue(output)!, parsed.GetValue(resume) ? RunFolder.Open(parsed.GetValue(output)!) : null);
            var recipe = folder is null ? recipeOptions.Read(parsed) : recipeOptions.ReadTemplate(parsed);
            if (parsed.GetValue(architecture) is { } chosen)
                recipe = recipe with { Model = recipe.Model with { Architecture = chosen } };
            if (folder is not null)
                RequireSame(folder, recipe);
            else
                RunFolder.ThrowUnlessNew(target);
            var dataFolder = parsed.GetValue(data) ?? (folder is null ? RunFolder.DataPathIn(target) : RunData.Of(target));
            NativeRuntime.EnsureLoaded();
            var outcome = Train(folder?.Recipe ?? recipe, folder, target, dataFolder, DeviceOption.Parse(parsed.GetValue(device)!), console, cancellation);
            return outcome == TrainingOutcome.Completed ? ExitCode.Success : ExitCode.Interrupted;
        });
    }

    private static void RequireSame(RunFolder run, Recipe given)
    {
        if (RecipeDifference.First(run.Recipe, given) is { } difference)
            throw new UsageException($"the run in {run.Path} was started with another recipe: {difference}; leave the recipe and the options as they were, "
                + $"go on by the run's own recipe ({Path.Combine(run.Path, "recipe.json")}), or start a new run");
    }

    /// <param name="recipe">What to train.</param>
    /// <param name="folder">The run to go on with; null for a new one.</param>
    /// <param name="output">Where the run is or will be.</param>
    /// <param name="dataFolder">Where the data are or will be.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="console">Where it is shown.</param>
    /// <param name="cancellation">Stops and saves.</param>
    private static TrainingOutcome Train(Recipe recipe, RunFolder? folder, string output, string dataFolder, Device device, CliConsole console, CancellationToken cancellation)
    {
        var progress = console.Progress();
        using var prepared = RecipePreparation.Run(recipe, dataFolder, new ConsoleStages(progress), cancellation);
        folder ??= RunFolder.Create(output, recipe, prepared.TokenizersFolder);
        var training = recipe.Training;
        using var model = recipe.Model.Build(prepared.Data.Vocabulary, training, recipe.Seed, device);
        using var batches = new PrefetchedSource(new PackedStream(prepared.Data.Train, training.BatchRows, training.SequenceLength, recipe.Seed));
        using var session = new TrainingSession(model, training, batches, console.Time, recipe.Seed);
        var validation = new Validation([.. prepared.Data.ValidationBatches(training.BatchRows, training.SequenceLength, training.ValidationBatches)]);
        ModelSummary.Print(recipe, model.Config, prepared.Data, folder.Checkpoints.Latest is { } latest ? $"from checkpoint {latest}" : "from random weights", console);
        var name = $"Training {ArchitectureNames.InSentence(recipe.Model.Architecture)}";
        var outcome = progress.Run(name, 1, stage =>
        {
            var trainer = new Trainer(session, folder, validation, prepared.Fingerprint, new TrainingDisplay(stage));
            trainer.Resume();
            folder.Record(RunEnvironment.Capture(Environment.CommandLine, recipe.Seed, session.StepCount, console.Time) with { Data = RunData.Remember(output, dataFolder) });
            return trainer.Run(cancellation);
        });
        console.Output.WriteLine(outcome == TrainingOutcome.Completed
            ? $"{output}: {session.StepCount} steps done{Next(output, prepared.Data.Vocabulary)}"
            : $"{output}: stopped and saved after {session.StepCount} steps; go on with --resume");
        return outcome;
    }

    /// <summary>What to try with the model.</summary>
    private static string Next(string run, Vocabulary vocabulary) =>
        (vocabulary.Modalities.Contains(ModalityId.Image) ? "--out image.png" : vocabulary.Modalities.Contains(ModalityId.Speech) ? "--speak speech.wav" : null) is { } answer
            ? $"; try: mot generate {run} --prompt \"…\" {answer}" : "";
}
