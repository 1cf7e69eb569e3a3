using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Tests.Runtime;

public sealed class CpuInfoTests
{
    [Fact]
    public void TheModelIsReadFromCpuinfo()
    {
        Assert.Equal("AMD EPYC 9654: 96-Core", CpuInfo.ModelIn(["processor\t: 0", "model name\t: AMD EPYC 9654: 96-Core", "model name\t: other"]));
        Assert.Null(CpuInfo.ModelIn(["processor: 0"]));
    }

    [Fact]
    public void InstructionSetsAgreeWithTheKernels()
    {
        var flags = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) : null;
        if (flags is null)
            Assert.Skip("the kernel does not list instruction sets here");
        var kernel = flags.Split(' ').ToHashSet();
        foreach (var name in new[] { "avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16", "amx_int8" })
            Assert.True(kernel.Contains(name) == CpuInfo.Read().InstructionSets.Contains(name), name);
    }
}
