using System.Collections.Immutable;
using System.Globalization;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Models;
using Spectre.Console;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>A plan for a person.</summary>
internal static class PlanText
{
    /// <summary>What the figures take for granted.</summary>
    public static ImmutableArray<string> Assumptions { get; } =
    [
        "memory is computed, not measured (on processors the C library keeps up to 1.6 times as much for small models); libtorch itself, temporaries and communication buffers come on top, so a run fits where it fills at most 90 % of a device",
        "time is FLOPs over peak times assumed share; communication between devices is not modelled, nor are validation and checkpoints",
        "prices were those of Amazon on demand in 2024, for one of eight GPUs; they have changed since: give yours with --price-per-hour",
    ];

    /// <summary>Prints it.</summary>
    public static void Print(string name, TrainingPlan plan, IReadOnlyList<MachinePlan> machines, CliConsole console)
    {
        console.Output.WriteLine(Head(name, plan));
        console.Output.WriteLine(Budget(plan));
        console.Ansi.Write(Memory(plan));
        console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"A checkpoint that is being written takes {Gb(plan.Memory.CheckpointCopy)} GB of main memory besides."));
        console.Ansi.Write(Machines(plan, machines));
        foreach (var machine in machines)
            console.Output.WriteLine(Verdict(plan, machine));
        foreach (var assumption in Assumptions)
            console.Output.WriteLine($"Assumed: {assumption}.");
    }

    private static string Head(string name, TrainingPlan plan)
    {
        var (config, settings, count) = (plan.Config, plan.Settings, ParameterCount.Of(plan.Config));
        return string.Create(CultureInfo.InvariantCulture, $"{name}: D {config.Dim}, {config.LayerCount} layers, {Counted(config.TowerCount, "tower")}, {Spaced(count.Total)} parameters ({Spaced(count.Activated)} per token)\n")
            + $"{Counted(settings.DeviceCount, "device")}, each {Counted(settings.RowCount, "row")} of {settings.SequenceLength} tokens in {(settings.Bf16 ? "bf16" : "fp32")}, "
            + $"sharding {settings.Sharding.ToString().ToLowerInvariant()}, activations {(settings.ActivationCheckpointing ? "recomputed" : "kept")}";
    }

    private static string Budget(TrainingPlan plan) => plan.Tokens is { } tokens
        ? $"{Spaced(tokens)} tokens in steps of {Spaced(plan.TokensPerStep)}; {Scientific(tokens * plan.FlopsPerToken)} FLOPs, {Scientific(plan.FlopsPerToken)} a token"
        : $"{plan.SecondsBudget / 60:0.#} minutes in steps of {Spaced(plan.TokensPerStep)} tokens; {Scientific(plan.FlopsPerToken)} FLOPs a token";

    private static Table Memory(TrainingPlan plan)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("memory of each device", "GB");
        table.Columns[1].Alignment = Justify.Right;
        foreach (var line in plan.Memory.Lines)
            table.AddRow(Markup.Escape(line.What), Gb(line.Bytes));
        return table.AddRow("sum", Gb(plan.Memory.Total));
    }

    private static Table Machines(TrainingPlan plan, IReadOnlyList<MachinePlan> machines)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("machine", "peak TFLOP/s", "assumed", "step", "time", "USD");
        foreach (var column in table.Columns.Skip(1))
            column.Alignment = Justify.Right;
        foreach (var m in machines)
            table.AddRow(Markup.Escape(m.Machine.Title), Number(m.Machine.Peak(plan.Settings.Bf16) / 1e12, "0.###"), Number(m.Machine.Utilisation * 100, "0' %'"), Time(m.StepSeconds), Time(m.Seconds),
                m.Cost is { } cost ? $"{Spaced((long)Math.Ceiling(cost))}" : "-");
        return table;
    }

    private static string Verdict(TrainingPlan plan, MachinePlan m)
    {
        var text = $"{m.Machine.Name}: {(m.Fits ? "fits" : "does not fit")} ({Gb(m.NeededBytes)} of {Gb(m.Machine.MemoryBytes)} GB)";
        if (plan.Tokens is null)
            text += $", {Spaced(m.Steps)} steps in the time";
        if (m.Machine.PriceSource is { } source)
            text += string.Create(CultureInfo.InvariantCulture, $", {m.Machine.PricePerHour:0.00} USD an hour for each ({source})");
        return m.Fits ? text : $"{text}; {(m.Remedy is null ? "nothing that was tried makes it fit: take a smaller model or shorter rows" : $"it would with {m.Remedy}")}";
    }

    private static string Counted(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    private static string Spaced(long value) => value.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');

    private static string Scientific(double value) => Number(value, "0.00e+0").Replace("e+", "e", StringComparison.Ordinal);

    private static string Gb(long bytes) => Number(bytes / 1e9, bytes < 10_000_000_000 ? "0.000" : "0.0");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Time(double seconds) => seconds switch
    {
        < 1 => Number(seconds * 1000, "0.0' ms'"),
        < 120 => Number(seconds, "0.0' s'"),
        < 7200 => Number(seconds / 60, "0.0' min'"),
        < 48 * 3600 => Number(seconds / 3600, "0.0' h'"),
        _ => Spaced((long)Math.Round(seconds / 86400)) + " days",
    };
}
