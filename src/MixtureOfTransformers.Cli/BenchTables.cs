using System.Globalization;
using MixtureOfTransformers.Benchmarks;
using Spectre.Console;

namespace MixtureOfTransformers.Cli;

/// <summary>The tables of <c>mot bench</c>: one per shape, number format and kind of work.</summary>
internal static class BenchTables
{
    public static void Print(BenchmarkReport report, CliConsole console)
    {
        console.Output.WriteLine();
        var device = report.Device == "cpu" ? "" : $"{report.Device}{(report.Gpu is { } gpu ? $" ({gpu})" : "")} on ";
        console.Output.WriteLine(Text($"{device}{report.Machine.Cpu.Model}, {report.Machine.Native.Threads} threads; {report.Seconds:0} s"));
        console.Output.WriteLine($"peaks: GEMM {string.Join(", ", report.Results.Where(r => r.Dim is null).Select(r => Text($"{r.Gflops:0} GFLOP/s in {Dtype(r)}")))}; "
            + Text($"memory {report.MemoryGbPerSecond:0.0} GB/s"));
        foreach (var shape in report.Results.Where(r => r.Dim is not null).GroupBy(r => (r.Dim, r.Layers, Dtype: Dtype(r))))
        {
            var title = $"D {shape.Key.Dim}, {shape.Key.Layers} layers, {shape.Key.Dtype}";
            Training([.. shape.Where(r => r.ForwardMilliseconds is not null)], $"training, {title}, {report.BatchRows} rows of {report.SequenceLength} tokens", console);
            Decoding([.. shape.Where(r => r.ForwardMilliseconds is null)], $"generation, {title}", console);
        }
        if (report.Results.Any(r => r.ForwardMilliseconds is not null))
            console.Output.WriteLine(report.Device == "cpu" ? "forward: with the gradients of the head, which are computed there"
                : "ms: of whole steps; forward, back and optim. in steps that wait for the device after each; memory: not available for GPUs");
        if (report.Results.Any(r => r.PercentOfBandwidth is not null))
            console.Output.WriteLine("% memory: the weights of a token, against the speed of a copy in memory; caches are faster");
        foreach (var step in report.Profile.GroupBy(line => (line.Name, line.Dim, line.Layers, line.Dtype)))
            Profile([.. step], $"a training step, {step.Key.Name}, D {step.Key.Dim}, {step.Key.Layers} layers, {step.Key.Dtype.ToString().ToLowerInvariant()}", console);
    }

    private static void Training(IReadOnlyList<BenchmarkResult> results, string title, CliConsole console)
    {
        var table = Table("", "tokens/s", "ms", "10-90 %", "forward", "back", "optim.", "x dense", "GFLOP/s", "% peak", "MiB");
        foreach (var r in results)
            table.AddRow(r.Name["train ".Length..], Text($"{r.TokensPerSecond:0}"), Time(r.Milliseconds!.Median), $"{Time(r.Milliseconds.Low)}-{Time(r.Milliseconds.High)}",
                Time(r.ForwardMilliseconds!.Median), Time(r.BackwardMilliseconds!.Median), Time(r.OptimizerMilliseconds!.Median),
                Text($"{r.RatioToDense:0.000}"), Text($"{r.Gflops:0.0}"), Text($"{r.PercentOfPeak:0}"), Mib(r.PeakMemoryBytes));
        Write(table, results.Count, title, console);
    }

    private static void Decoding(IReadOnlyList<BenchmarkResult> results, string title, CliConsole console)
    {
        var table = Table("", "tokens/s", "ms", "10-90 %", "x dense", "GFLOP/s", "% peak", "% memory", "MiB");
        foreach (var r in results)
            table.AddRow(r.Name, Text($"{r.TokensPerSecond:0}"), Text($"{r.Milliseconds!.Median:0.00}"), Text($"{r.Milliseconds.Low:0.00}-{r.Milliseconds.High:0.00}"),
                Text($"{r.RatioToDense:0.000}"), Text($"{r.Gflops:0.0}"), Text($"{r.PercentOfPeak:0}"), Text($"{r.PercentOfBandwidth:0}"), Mib(r.PeakMemoryBytes));
        Write(table, results.Count, title, console);
    }

    private static void Profile(IReadOnlyList<ProfileLine> lines, string title, CliConsole console)
    {
        var table = Table("", "forward ms", "backward ms", "% of step");
        foreach (var line in lines)
            table.AddRow(line.Operation, Text($"{line.ForwardMilliseconds:0.0}"), Text($"{line.BackwardMilliseconds:0.0}"), Text($"{line.PercentOfStep:0.0}"));
        Write(table, lines.Count, title, console);
    }

    private static Table Table(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(column) { Alignment = column.Length == 0 ? Justify.Left : Justify.Right, NoWrap = true, Padding = new Padding(0) });
        return table;
    }

    private static void Write(Table table, int rows, string title, CliConsole console)
    {
        if (rows == 0)
            return;
        console.Output.WriteLine();
        console.Output.WriteLine(title);
        console.Ansi.Write(table);
    }

    private static string Time(double milliseconds) => milliseconds < 100 ? Text($"{milliseconds:0.0}") : Text($"{milliseconds:0}");

    private static string Dtype(BenchmarkResult result) => result.Dtype.ToString().ToLowerInvariant();

    private static string Mib(long? bytes) => bytes is { } count ? Text($"{count / 1048576.0:0}") : "";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
