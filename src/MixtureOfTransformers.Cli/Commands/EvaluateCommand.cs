using System.CommandLine;
using System.Globalization;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot evaluate</c>: validation loss per modality of a trained run.</summary>
internal static class EvaluateCommand
{
    public static Command Create(CliConsole console)
    {
        var folder = new Argument<string>("run") { Description = "Folder of a run" };
        var data = new Option<string?>("--data") { Description = "Folder with prepared data; default: those of the run" };
        var checkpoint = new Option<string>("--checkpoint") { Description = "latest, best or the name of one", DefaultValueFactory = _ => "latest" };
        var weights = new Option<DecodeWeightFormat>("--weights") { Description = "Weights to measure with; int8 goes token by token, as mot generate does", HelpName = "compute|int8" };
        var device = DeviceOption.Create();
        var json = CommonOptions.Json();
        return new MotCommand("evaluate", "Measure the loss of a run on all its validation data, per modality")
        {
            Arguments = { folder },
            Options = { data, checkpoint, weights, device, json },
            Examples =
            [
                new("mot evaluate runs/scenes", "loss in nats per token"),
                new("mot evaluate runs/scenes --weights int8", "what the weights in eight bits make of it"),
                new("mot evaluate runs/dense --json", "for a program"),
            ],
        }.Does((parsed, cancellation) =>
        {
            using var run = OpenedRun.Open(parsed.GetValue(folder)!, parsed.GetValue(data), DeviceOption.Parse(parsed.GetValue(device)!), parsed.GetValue(checkpoint)!);
            var (trained, format) = (run.Trained, parsed.GetValue(weights));
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
}
