using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Tests.Runtime;

public sealed class MachineVerdictTests
{
    [Fact]
    public void AGoodMachineHasNothingToRepair() => Assert.All(MachineVerdict.Of(Good()), finding => Assert.Equal(FindingLevel.Ok, finding.Level));

    [Fact]
    public void AFailureToLoadIsTheOnlyFinding()
    {
        var good = Good();
        var finding = Assert.Single(MachineVerdict.Of(good with { Native = good.Native with { Error = "no libtorch; set it" }, Rates = null }));
        Assert.Equal((FindingLevel.Failure, "libtorch cannot be loaded: no libtorch; set it"), (finding.Level, finding.Message));
    }

    [Theory]
    [InlineData(4, 2, "set OMP_NUM_THREADS=2")]
    [InlineData(1, 2, "unset OMP_NUM_THREADS, or set it to 2")]
    public void ThreadsThatDoNotMatchTheCoresAreAWarning(int threads, int cores, string remedy)
    {
        var good = Good();
        Warns(good with { Native = good.Native with { Threads = threads }, Cpu = good.Cpu with { UsableCores = cores } }, remedy);
    }

    [Fact]
    public void AProcessorWithoutAvx2IsAWarning()
    {
        var good = Good();
        Warns(good with { Cpu = good.Cpu with { InstructionSets = ["avx"] } }, "in a virtual machine, pass the host's processor through");
    }

    [Fact]
    public void LittleMemoryIsAWarning() => Warns(Good() with { Memory = new(4L << 30, 1L << 30) }, "close other programs, or raise the container's limit");

    [Fact]
    public void ANewerLibtorchThatWasSeenToWorkIsAWarning()
    {
        var good = Good();
        Warns(good with { Native = good.Native with { LibtorchVersion = "2.11.0+cu130" } }, "if something fails, use libtorch 2.10");
    }

    [Theory]
    [InlineData(100, 200, "bf16 is 2.0 times as fast as fp32 here", "train in bf16")]
    [InlineData(100, 90, "bf16 is no faster than fp32 here, as the processor has no bf16 instructions", "train in fp32")]
    [InlineData(100, 2, "bf16 is 50.0 times slower than fp32 here, as the processor has no bf16 instructions", "train in fp32")]
    public void TheFasterNumberFormatIsRecommended(double fp32, double bf16, string message, string remedy)
    {
        var finding = MachineVerdict.Of(Good() with { Rates = new(fp32, bf16, 20) })[^1];
        Assert.Equal((message, remedy), (finding.Message, finding.Remedy));
    }

    private static void Warns(MachineReport report, string remedy) =>
        Assert.Equal(remedy, Assert.Single(MachineVerdict.Of(report), finding => finding.Level == FindingLevel.Warning).Remedy);

    private static MachineReport Good() => new()
    {
        MotVersion = "1.0.0",
        OperatingSystem = "Linux",
        Architecture = "x64",
        DotnetRuntime = ".NET 10",
        Native = new() { TorchSharpVersion = "0.107.0", LibtorchVersion = "2.10", Threads = 2 },
        Cpu = new() { Model = "x", UsableCores = 2, InstructionSets = ["avx2", "fma"] },
        Memory = new(8L << 30, 4L << 30),
        Rates = new(100, 90, 20),
    };
}
