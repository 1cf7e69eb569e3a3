using System.Reflection;
using System.Runtime.InteropServices;

namespace MixtureOfTransformers.Training;

/// <summary>Where and how a run was started or resumed; the starts of a run are kept in <c>environment.json</c>.</summary>
public sealed record RunEnvironment
{
    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The command line that did it.</summary>
    public required string CommandLine { get; init; }

    /// <summary>Steps already done: 0 for a new run.</summary>
    public required long FirstStep { get; init; }

    /// <summary>Folder of the prepared data, relative to the run where it is inside; null where nobody noted it.</summary>
    public string? Data { get; init; }

    /// <summary>Seed of the run.</summary>
    public required long Seed { get; init; }

    /// <summary>Version of this library.</summary>
    public required string Version { get; init; }

    /// <summary>Version of TorchSharp.</summary>
    public required string TorchSharp { get; init; }

    /// <summary>Version of .NET.</summary>
    public required string Runtime { get; init; }

    /// <summary>The operating system.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>Processor architecture.</summary>
    public required string Processor { get; init; }

    /// <summary>Processors the program may use.</summary>
    public required int ProcessorCount { get; init; }

    /// <summary>Threads of torch's operations. Another number may change the last digits of results.</summary>
    public required int Threads { get; init; }

    /// <summary>Name of the machine.</summary>
    public required string Machine { get; init; }

    /// <summary>Describes this process.</summary>
    /// <param name="commandLine">As the user would type it.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="firstStep">Steps already done.</param>
    /// <param name="time">The clock.</param>
    public static RunEnvironment Capture(string commandLine, long seed, long firstStep, TimeProvider time) => new()
    {
        StartedAt = time.GetUtcNow(),
        CommandLine = commandLine,
        FirstStep = firstStep,
        Seed = seed,
        Version = VersionOf(typeof(RunEnvironment).Assembly),
        TorchSharp = VersionOf(typeof(global::TorchSharp.torch).Assembly),
        Runtime = RuntimeInformation.FrameworkDescription,
        OperatingSystem = RuntimeInformation.OSDescription,
        Processor = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        ProcessorCount = Environment.ProcessorCount,
        Threads = global::TorchSharp.torch.get_num_threads(),
        Machine = Environment.MachineName,
    };

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version?.ToString() ?? "unknown";
}
