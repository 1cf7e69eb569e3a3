using System.CommandLine;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Runtime;
using Spectre.Console;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot doctor</c>: what this machine has, how fast it is, and what to do about what is wrong.</summary>
internal static class DoctorCommand
{
    public static Command Create(CliConsole console)
    {
        var json = CommonOptions.Json();
        return new MotCommand("doctor", "Check this machine: libtorch, processor, memory, measured speed")
        {
            Options = { json },
            Examples =
            [
                new("mot doctor", "prints what was found and what to do about it"),
                new("mot doctor --json", "the same for a program; exit code 1 when libtorch cannot be loaded"),
            ],
        }.Does((parsed, cancellation) =>
        {
            var report = MachineReport.Measure(console.Time, cancellation);
            if (parsed.GetValue(json))
                console.WriteJson(report, MachineReportJson.Default.MachineReport);
            else
                Print(report, console);
            return report.Usable ? ExitCode.Success : ExitCode.Failure;
        });
    }

    private static void Print(MachineReport report, CliConsole console)
    {
        foreach (var (name, value) in Facts(report))
            Line($"{name,-13}", Color.Grey, value);
        console.Output.WriteLine();
        foreach (var finding in report.Findings)
        {
            var (word, colour) = finding.Level switch
            {
                FindingLevel.Ok => ("ok:", Color.Green),
                FindingLevel.Warning => ("warning:", Color.Yellow),
                _ => ("failure:", Color.Red),
            };
            Line(word, colour, finding.Remedy is null ? finding.Message : $"{finding.Message}; {finding.Remedy}");
        }

        void Line(string head, Color colour, string rest)
        {
            console.Ansi.Write(new Text(head, new Style(colour)));
            console.Output.WriteLine($" {rest}");
        }
    }

    private static IEnumerable<(string Name, string Value)> Facts(MachineReport report)
    {
        var (native, cpu, memory) = (report.Native, report.Cpu, report.Memory);
        yield return ("system", $"{report.OperatingSystem}, {report.Architecture}");
        yield return ("runtime", $"{report.DotnetRuntime}, mot {report.MotVersion}");
        yield return ("TorchSharp", native.TorchSharpVersion);
        yield return ("libtorch", native.LibtorchFolder is { } folder ? $"{native.LibtorchVersion} in {folder}" : native.LibtorchVersion);
        if (native.ShimPath is { } shim)
            yield return ("shim", native.ShimMended ? $"mended copy {shim}" : shim);
        yield return ("processor", $"{cpu.Model}, {Count(cpu.UsableCores, "core")} usable");
        yield return ("instructions", string.Join(", ", cpu.InstructionSets));
        yield return ("memory", $"{Gib(memory.TotalBytes)} GiB, {Gib(memory.AvailableBytes)} GiB available");
        if (native.Loaded)
        {
            yield return ("threads", native.Threads.ToString());
            yield return ("matrix unit", MatrixUnit.IsPresent ? "AMX, used for bf16" : "none used");
            yield return ("CUDA", native.CudaAvailable ? Count(native.CudaDeviceCount, "device") + (GpuInfo.NameOf(new TorchSharp.torch.Device("cuda")) is { } name ? $", {name}" : "") : "none");
        }
        if (report.Rates is { } rates)
        {
            yield return ("GEMM", $"{rates.Fp32GflopPerSecond:0} GFLOP/s in fp32, {rates.Bf16GflopPerSecond:0} GFLOP/s in bf16");
            yield return ("memory speed", $"{rates.MemoryGbPerSecond:0.0} GB/s");
        }
    }

    private static string Gib(long bytes) => (bytes / (double)(1L << 30)).ToString("0.0");

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
