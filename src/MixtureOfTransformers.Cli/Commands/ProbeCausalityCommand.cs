using System.CommandLine;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Evaluation.Causality;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot probe-causality</c>: whether later tokens reach earlier outputs.</summary>
internal static class ProbeCausalityCommand
{
    public static Command Create(CliConsole console)
    {
        var subject = new Argument<string>("run") { HelpName = "run|recipe|preset", Description = "Folder of a run, or a recipe or preset, which gets random weights (see mot inspect --help for the presets)" };
        var architecture = ArchitectureOption.Create("Another model of the same shape, not with a run");
        var data = new Option<string?>("--data") { Description = "Folder with prepared data; default: those of the run" };
        var checkpoint = new Option<string>("--checkpoint") { Description = "latest, best or the name of one", DefaultValueFactory = _ => "latest" };
        var random = new Option<bool>("--random-tokens") { Description = "Random tokens in place of a run's held-out ones" };
        var causal = new Option<bool>("--causal") { Description = "Route as in causal inference, by the run's auxiliary routers or else by token choice, in place of the training-time routing" };
        var rows = new Option<int?>("--rows") { Description = "Rows of tokens; default: 4" };
        var length = new Option<int?>("--length") { Description = "Tokens per row; default: the run's, or 128" };
        var changes = new Option<int>("--changes") { Description = "Changes of later tokens to try", DefaultValueFactory = _ => 12 };
        var seed = new Option<long>("--seed") { Description = "Of what is random", DefaultValueFactory = _ => 1 };
        var device = DeviceOption.Create();
        var json = CommonOptions.Json();
        return new MotCommand("probe-causality", "Change later tokens and see whether earlier outputs move, as with expert choice they do")
        {
            Arguments = { subject },
            Options = { architecture, data, checkpoint, random, causal, rows, length, changes, seed, device, json },
            Examples =
            [
                new("mot probe-causality runs/scenes", "a trained model on its held-out data"),
                new("mot probe-causality tiny --architecture moe-4x", "expert choice, which looks ahead"),
                new("mot probe-causality tiny --architecture moe-4x --causal", "the same weights, routed causally"),
                new("mot probe-causality recipes/scenes.json --architecture dense --json", "for a program"),
            ],
        }.Does((parsed, cancellation) =>
        {
            int? Positive(Option option, int? value) => value is null or > 0 ? value : throw new UsageException($"{option.Name} {value} must be at least 1");
            var options = new ProbeOptions(parsed.GetValue(architecture), parsed.GetValue(data), parsed.GetValue(checkpoint)!, parsed.GetValue(random),
                Positive(rows, parsed.GetValue(rows)), Positive(length, parsed.GetValue(length)), parsed.GetValue(seed));
            var count = Positive(changes, parsed.GetValue(changes))!.Value;
            NativeRuntime.EnsureLoaded();
            using var found = ProbeSubject.Of(parsed.GetValue(subject)!, options, DeviceOption.Parse(parsed.GetValue(device)!));
            if (parsed.GetValue(causal))
                found.Model.ExpertRouting = found.Model.HasRouters ? ExpertRouting.Auxiliary : ExpertRouting.TokenChoice;
            var report = console.Progress(parsed.GetValue(json)).Run("Probing", count, stage =>
                CausalityProbe.Of(found.Model, found.Vocabulary).Run(found.Batch, count, options.Seed, cancellation, new Report<int>(done => stage.Report(done))));
            if (parsed.GetValue(json))
                console.WriteJson(report, CausalityJson.Default.CausalityReport);
            else
                CausalityText.Print(report, found, console);
            return ExitCode.Success;
        });
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CausalityReport))]
internal sealed partial class CausalityJson : JsonSerializerContext;
