using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace MixtureOfTransformers.Runtime;

/// <summary>What a program here has to work with: system, runtime, libtorch, processor, memory, measured speed, and a verdict.</summary>
public sealed record MachineReport
{
    /// <summary>Version of this library.</summary>
    public required string MotVersion { get; init; }

    /// <summary>The operating system.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>Processor architecture of this process, for instance <c>x64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The .NET runtime.</summary>
    public required string DotnetRuntime { get; init; }

    /// <summary>TorchSharp and libtorch.</summary>
    public required NativeInfo Native { get; init; }

    /// <summary>The processor.</summary>
    public required CpuInfo Cpu { get; init; }

    /// <summary>Main memory.</summary>
    public required MemoryInfo Memory { get; init; }

    /// <summary>Measured speed; null when libtorch did not load.</summary>
    public ComputeRates? Rates { get; init; }

    /// <summary>What is good, bad, and to be done about it.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>Whether models can run here.</summary>
    public bool Usable => Native.Loaded;

    /// <summary>Looks at everything and measures for about a second. Loads libtorch; a failure to do so is part of the report, not an exception.</summary>
    /// <param name="time">The clock for the measurements.</param>
    /// <param name="cancellation">Stops between measurements.</param>
    public static MachineReport Measure(TimeProvider time, CancellationToken cancellation = default)
    {
        var native = NativeInfo.Load();
        var memory = MemoryInfo.Read();
        var report = new MachineReport
        {
            MotVersion = NativeInfo.VersionOf(typeof(MachineReport).Assembly),
            OperatingSystem = $"{RuntimeInformation.OSDescription}, kernel {Environment.OSVersion.Version}",
            Architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            DotnetRuntime = RuntimeInformation.FrameworkDescription,
            Native = native,
            Cpu = CpuInfo.Read(),
            Memory = memory,
            Rates = native.Loaded ? ComputeRates.Measure(memory, time, cancellation) : null,
        };
        return report with { Findings = MachineVerdict.Of(report) };
    }
}
