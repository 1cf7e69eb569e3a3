using System.Collections.Immutable;

namespace MixtureOfTransformers.Runtime;

/// <summary>Draws the verdict lines from the figures of a <see cref="MachineReport"/>.</summary>
internal static class MachineVerdict
{
    private const long Gib = 1L << 30;

    public static ImmutableArray<Finding> Of(MachineReport report) => [.. Lines(report)];

    private static IEnumerable<Finding> Lines(MachineReport report)
    {
        var (native, cpu, memory) = (report.Native, report.Cpu, report.Memory);
        if (native.Error is { } error)
        {
            yield return new(FindingLevel.Failure, $"libtorch cannot be loaded: {error}");
            yield break;
        }
        yield return new(FindingLevel.Ok, native.ShimMended
            ? "libtorch is loaded, with a private copy of TorchSharp's shim because this system's libstdc++ is older than the one it was built with"
            : "libtorch is loaded");
        if (NativeRuntime.NewerVersionsSeenToWork.Any(newer => NativeRuntime.IsOf(native.LibtorchVersion, newer)))
            yield return new(FindingLevel.Warning, $"libtorch {native.LibtorchVersion} is newer than the {NativeRuntime.LibtorchVersion} that TorchSharp is built for; training, generation and the tests were seen to work with it", $"if something fails, use libtorch {NativeRuntime.LibtorchVersion}");
        if (native.Threads > cpu.UsableCores)
            yield return new(FindingLevel.Warning, $"libtorch uses {native.Threads} threads but this process may use {cpu.UsableCores} cores", $"set OMP_NUM_THREADS={cpu.UsableCores}");
        else if (native.Threads < cpu.UsableCores)
            yield return new(FindingLevel.Warning, $"libtorch uses {native.Threads} of {cpu.UsableCores} cores", $"unset OMP_NUM_THREADS, or set it to {cpu.UsableCores}");
        if (report.Architecture == "x64" && !cpu.InstructionSets.Contains(CpuFeatures.Avx2))
            yield return new(FindingLevel.Warning, "the processor has no AVX2, or the system hides it; matrix products are several times slower", "in a virtual machine, pass the host's processor through");
        if (memory.AvailableBytes < 2 * Gib)
            yield return new(FindingLevel.Warning, $"{memory.AvailableBytes / (double)Gib:0.0} GiB of memory are available; the quick start needs about 2 GiB", "close other programs, or raise the container's limit");
        if (report.Rates is not { } rates)
            yield break;
        var ratio = rates.Bf16GflopPerSecond / rates.Fp32GflopPerSecond;
        var speed = ratio >= 1.2 ? $"{ratio:0.0} times as fast as" : ratio > 0.8 ? "no faster than" : $"{1 / ratio:0.0} times slower than";
        var reason = ratio >= 1.2 || cpu.HasBf16 ? "" : ", as the processor has no bf16 instructions";
        yield return new(FindingLevel.Ok, $"bf16 is {speed} fp32 here{reason}", $"train in {(ratio >= 1.2 ? "bf16" : "fp32")}");
    }
}
