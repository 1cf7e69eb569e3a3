using System.CommandLine;
using System.Globalization;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot train-routers</c>: routers for causal inference, for a run whose experts or depth gates choose among tokens.</summary>
internal static class TrainRoutersCommand
{
    public static Command Create(CliConsole console)
    {
        var folder = new Argument<string>("run") { Description = "Folder of a run with experts or mixture-of-depths" };
        var data = new Option<string?>("--data") { Description = "Folder with prepared data; default: those of the run" };
        var checkpoint = new Option<string>("--checkpoint") { Description = "latest, best or the name of one", DefaultValueFactory = _ => "latest" };
        var steps = new Option<int>("--steps") { Description = "Steps, each on one batch of the run's size", DefaultValueFactory = _ => new RouterTrainingOptions().Steps };
        var rate = new Option<double>("--learning-rate") { Description = "Peak learning rate", DefaultValueFactory = _ => new RouterTrainingOptions().LearningRate };
        var device = DeviceOption.Create();
        return new MotCommand("train-routers", "Train auxiliary routers, so that a model whose experts or depth gates choose among tokens decides causally")
        {
            Arguments = { folder },
            Options = { data, checkpoint, steps, rate, device },
            Examples = [new("mot train-routers runs/moe", "then mot generate and mot evaluate use them")],
        }.Does((parsed, cancellation) =>
        {
            var options = new RouterTrainingOptions { Steps = parsed.GetValue(steps), LearningRate = parsed.GetValue(rate) }.Validate();
            using var run = OpenedRun.Open(parsed.GetValue(folder)!, parsed.GetValue(data), DeviceOption.Parse(parsed.GetValue(device)!), parsed.GetValue(checkpoint)!);
            var (trained, recipe) = (run.Trained, run.Trained.Run.Recipe);
            using var routers = console.Progress(json: false).Run("Training routers", options.Steps, stage => RouterTraining.Train(trained.Model,
                new PackedStream(run.Data.Train, recipe.Training.BatchRows, recipe.Training.SequenceLength, recipe.Seed), options, recipe.Seed,
                new Report<RouterProgress>(p => stage.Report(p.Step, string.Create(CultureInfo.InvariantCulture, $"loss {p.Loss:0.000}, {p.Agreement:p1} foretold"))), cancellation));
            var path = trained.Run.Routers.Save(trained.Checkpoint, routers);
            var agreement = RouterTraining.Agreement(trained.Model, routers, run.ValidationBatches(), cancellation);
            console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(double.IsNaN(agreement) ? "" : $"{agreement:p1} of the decisions of {ArchitectureNames.Choosers(trained.Model.Config)} about held-out tokens foretold; ")}saved in {path}. What it costs in loss: mot evaluate {parsed.GetValue(folder)}"));
            return ExitCode.Success;
        });
    }
}
