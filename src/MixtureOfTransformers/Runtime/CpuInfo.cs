using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace MixtureOfTransformers.Runtime;

/// <summary>The processor, as this process may use it.</summary>
public sealed record CpuInfo
{
    /// <summary>The maker's name for it; the architecture's name where the system does not say.</summary>
    public required string Model { get; init; }

    /// <summary>Cores this process may use, after affinity and container limits.</summary>
    public required int UsableCores { get; init; }

    /// <summary>Instruction sets that matter to matrix products and that both the processor and the system support, for instance <c>avx2</c>, <c>avx512_bf16</c>.</summary>
    public required ImmutableArray<string> InstructionSets { get; init; }

    /// <summary>Whether matrix products in bf16 have instructions of their own (AVX-512 BF16 or AMX).</summary>
    public bool HasBf16 => InstructionSets.Contains(CpuFeatures.Avx512Bf16) || InstructionSets.Contains(CpuFeatures.AmxBf16);

    /// <summary>Looks at the processor; takes no measurable time.</summary>
    public static CpuInfo Read() => new()
    {
        Model = (File.Exists("/proc/cpuinfo") ? ModelIn(File.ReadLines("/proc/cpuinfo")) : null)
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
            ?? RuntimeInformation.ProcessArchitecture.ToString(),
        UsableCores = Environment.ProcessorCount,
        InstructionSets = CpuFeatures.Supported(),
    };

    internal static string? ModelIn(IEnumerable<string> cpuinfo) =>
        cpuinfo.FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[^1].Trim();
}
