using System.Collections.Immutable;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli;

/// <summary>What a report says of the machine and the versions behind its numbers.</summary>
internal static class ReportMachine
{
    public static ImmutableSortedDictionary<string, string> Describe(RunEnvironment environment)
    {
        var cpu = CpuInfo.Read();
        return new Dictionary<string, string>
        {
            ["processor"] = cpu.Model,
            ["cores"] = $"{cpu.UsableCores}",
            ["instruction sets"] = string.Join(", ", cpu.InstructionSets),
            ["operating system"] = environment.OperatingSystem,
        }.ToImmutableSortedDictionary();
    }

    public static ImmutableSortedDictionary<string, string> Versions(RunEnvironment environment) => new Dictionary<string, string>
    {
        ["mot"] = environment.Version,
        ["TorchSharp"] = environment.TorchSharp,
        [".NET"] = environment.Runtime,
    }.ToImmutableSortedDictionary();
}
