using System.CommandLine;
using System.Globalization;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot train-routers</c>: routers for causal inference, for a run whose experts choose their tokens.</summary>
internal static class TrainRoutersCommand
{
    public static Command Create(CliConsole console)
    {
        var run = new Argument<string>("run") { Description = "Folder of a run with experts" };
        var data = new Option<string?>("--data") { Description = "Folder with prepared data; default: those of the run" };
        var checkpoint = new Option<string>("--checkpoint") { Description = "latest, best or the name of one", DefaultValueFactory = _ => "latest" };
        var steps = new Option<int>("--steps") { Description = "Steps, each on one batch of the run's size", DefaultValueFactory = _ => new RouterTrainingOptions().Steps };
        var rate = new Option<double>("--learning-rate") { Description = "Peak learning rate", DefaultValueFactory = _ => new RouterTrainingOptions().LearningRate };
        var device = DeviceOption.Create();
        return new MotCommand("train-routers", "Train auxiliary routers, so that a model whose experts choose their tokens decides causally")
        {
            Arguments = { run },
            Options = { data, checkpoint, steps, rate, device },
            Examples = [new("mot train-routers runs/moe", "then mot generate and mot evaluate use them")],
        }.Does((parsed, cancellation) =>
        {
            var options = new RouterTrainingOptions { Steps = parsed.GetValue(steps), LearningRate = parsed.GetValue(rate) }.Validate();
            var folder = parsed.GetValue(run)!;
            var dataFolder = parsed.GetValue(data) ?? RunData.Of(RunFolder.Open(folder).Path);
            NativeRuntime.EnsureLoaded();
            using var trained = TrainedModel.Open(folder, DeviceOption.Parse(parsed.GetValue(device)!), parsed.GetValue(checkpoint)!);
            using var prepared = PreparedData.Open(Path.Combine(dataFolder, "tokens"));
            trained.Tokenizers.Require(prepared.Index.Tokenizer, prepared.Folder);
            var recipe = trained.Run.Recipe;
            var last = default(RouterProgress);
            using var routers = console.Progress(json: false).Run("Training routers", options.Steps, stage => RouterTraining.Train(trained.Model,
                new PackedStream(prepared.Train, recipe.Training.BatchRows, recipe.Training.SequenceLength, recipe.Seed), options, recipe.Seed, new Report<RouterProgress>(p =>
                {
                    last = p;
                    stage.Report(p.Step, string.Create(CultureInfo.InvariantCulture, $"loss {p.Loss:0.000}, {p.Agreement:p1} foretold"));
                }), cancellation));
            var path = trained.Run.Routers.Save(trained.Checkpoint, routers);
            console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{last.Agreement:p1} of the experts' decisions foretold; saved in {path}. What it costs in loss: mot evaluate {folder}"));
            return ExitCode.Success;
        });
    }
}
