using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using MixtureOfTransformers.Benchmarks;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Training;
using static System.FormattableString;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot bench</c>: how fast this machine trains and decodes dense and Mixture-of-Transformers models, and how near that is to what it can do.</summary>
internal static class BenchCommand
{
    private const double MostMinutes = 600;

    public static Command Create(CliConsole console)
    {
        var defaults = new BenchmarkOptions();
        var gpu = BenchmarkOptions.OfGpu;
        var device = DeviceOption.Create();
        var presets = new Option<string?>("--presets") { Description = $"Shapes, by preset name; default: {string.Join(',', defaults.Presets)}, on a GPU {string.Join(',', gpu.Presets)}" };
        var dtypes = new Option<string?>("--dtypes") { Description = "Number formats of activations; default: fp32,bf16, on a GPU bf16" };
        var rows = new Option<int?>("--rows") { Description = $"Rows of a training step; default: {defaults.RowCount}, on a GPU {gpu.RowCount}" };
        var length = new Option<int?>("--length") { Description = $"Tokens of a row in training; default: {defaults.Length}, on a GPU {gpu.Length}" };
        var only = new Option<string?>("--only") { Description = "Measure training steps or prefill and decoding alone; default: both" };
        only.AcceptOnlyFromAmong("training", "decode");
        var profile = new Option<bool>("--profile") { Description = "Instead, show which operations the time of a training step goes to" };
        var minutes = new Option<double?>("--minutes") { Description = Invariant($"Time for everything; slow machines may need longer; default: {defaults.Time.TotalMinutes}, on a GPU {gpu.Time.TotalMinutes}") };
        var rounds = new Option<int?>("--rounds") { Description = "Rounds of every measurement; default: as many as fit the minutes, at least 3" };
        var json = CommonOptions.Json();
        return new MotCommand("bench", "Measure training and decoding: dense, MoT and naive MoT, beside the peaks of this machine")
        {
            Options = { device, presets, dtypes, rows, length, only, profile, minutes, rounds, json },
            Examples =
            [
                new("mot bench", "everything, in about four minutes on two cores; let the machine do nothing else"),
                new("mot bench --presets small --dtypes fp32 --only training", "one shape"),
                new("mot bench --device cuda", "on a GPU: wider shapes, more tokens a step, bf16"),
                new("mot bench --profile --presets medium --dtypes bf16", "where the time of a step goes"),
                new("mot bench --json > bench.json", "for a program: medians, and 10th and 90th percentiles"),
            ],
        }.Does((parsed, cancellation) =>
        {
            if (parsed.GetValue(profile) && parsed.GetValue(only) is not null)
                throw new UsageException("--profile measures nothing else; leave out --only");
            var standard = parsed.GetValue(device) == "cpu" ? defaults : gpu;
            var options = standard with
            {
                Presets = parsed.GetValue(presets) is { } shapes ? Names("--presets", shapes) : standard.Presets,
                ComputeTypes = parsed.GetValue(dtypes) is { } formats ? [.. Names("--dtypes", formats).Select(ParseDtype)] : standard.ComputeTypes,
                RowCount = ParseCount("--rows", parsed.GetValue(rows), 1, standard.RowCount),
                Length = ParseCount("--length", parsed.GetValue(length), 2, standard.Length),
                Parts = parsed.GetValue(profile) ? BenchmarkParts.Profile : ParseParts(parsed.GetValue(only), defaults.Parts),
                Rounds = parsed.GetValue(rounds) is not < 1 and var count ? count : throw new UsageException($"--rounds {parsed.GetValue(rounds)} must be at least 1"),
                Time = ParseMinutes(parsed.GetValue(minutes) ?? standard.Time.TotalMinutes),
            };
            foreach (var preset in options.Presets)
                if (ModelPresets.Get(preset) is var shape && options.Length > shape.MaxSequenceLength) // names the choices before anything is measured
                    throw new UsageException($"--length {options.Length} exceeds the {shape.MaxSequenceLength} tokens of preset {preset}");
            NativeRuntime.EnsureLoaded();
            options = options with { Device = DeviceOption.Parse(parsed.GetValue(device)!).ToString() };
            var report = new BenchmarkSuite(options, new ConsoleStages(console.Progress(parsed.GetValue(json))), console.Time).Run(cancellation);
            if (parsed.GetValue(json))
                console.WriteJson(report, BenchmarkJson.Default.BenchmarkReport);
            else
                BenchTables.Print(report, console);
            return ExitCode.Success;
        });
    }

    private static ImmutableArray<string> Names(string option, string list)
    {
        var names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length > 0 ? [.. names.Distinct()] : throw new UsageException($"{option} '{list}' names nothing; separate names by commas");
    }

    private static int ParseCount(string option, int? count, int least, int standard) =>
        (count ?? standard) >= least ? count ?? standard : throw new UsageException($"{option} {count} must be at least {least}");

    private static ComputeType ParseDtype(string name) => name.ToLowerInvariant() switch
    {
        "fp32" => ComputeType.Fp32,
        "bf16" => ComputeType.Bf16,
        _ => throw new UsageException($"--dtypes {name} must be of fp32, bf16"),
    };

    private static BenchmarkParts ParseParts(string? only, BenchmarkParts all) => only switch
    {
        "training" => BenchmarkParts.Training,
        "decode" => BenchmarkParts.Decode,
        _ => all,
    };

    private static TimeSpan ParseMinutes(double minutes) => minutes is > 0 and <= MostMinutes ? TimeSpan.FromMinutes(minutes)
        : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--minutes {minutes} must be above 0 and at most {MostMinutes}"));
}
