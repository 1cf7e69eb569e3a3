using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class DoctorCommandTests
{
    [Fact]
    public void JsonIsTheWholeReportAndNothingElse()
    {
        var run = CliRun.Of("doctor", "--json");
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        var report = JsonFile.Parse(run.Output, "doctor", MachineReportJson.Default.MachineReport);
        Assert.True(report.Usable);
        Assert.True(report.Rates!.Fp32GflopPerSecond > 0.1, $"{report.Rates}");
        Assert.True(report.Native.Threads > 0);
    }

    [Fact]
    public void TextNamesEveryPartAndTheVerdict()
    {
        var run = CliRun.Of("doctor");
        foreach (var word in new[] { "system", "runtime", "TorchSharp", "libtorch", "processor", "instructions", "memory", "threads", "CUDA", "GEMM", "ok: libtorch is loaded" })
            Assert.Contains(word, run.Output);
    }

    [Fact]
    public void AWrongLibtorchFolderIsNamedWithARemedy()
    {
        using var folder = new TemporaryFolder();
        var run = ChildProcess.Mot(["doctor"], (NativeRuntime.LibtorchVariable, folder.Path));
        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains($"failure: libtorch cannot be loaded: MOT_LIBTORCH={folder.Path} holds no libtorch_cpu.so", run.Output);
        Assert.Contains("unset it", run.Output);
        Assert.Equal("", run.Error);
    }

    [Fact]
    public void AnotherLibtorchVersionIsRefused()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("lib"));
        File.WriteAllText(folder.File("lib/libtorch_cpu.so"), "");
        File.WriteAllText(folder.File("build-version"), "2.4.1+cu124\n");
        var run = ChildProcess.Mot(["doctor", "--json"], (NativeRuntime.LibtorchVariable, folder.Path));
        var report = JsonFile.Parse(run.Output, "doctor", MachineReportJson.Default.MachineReport);
        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains("is libtorch 2.4.1+cu124, but TorchSharp here needs 2.10.x", report.Native.Error);
        Assert.Equal(FindingLevel.Failure, Assert.Single(report.Findings).Level);
    }

    [Fact]
    public void VersionDoesNotLoadLibtorch()
    {
        using var folder = new TemporaryFolder();
        var run = ChildProcess.Mot(["--version"], ("LD_DEBUG", "files"), ("LD_DEBUG_OUTPUT", folder.File("ld")));
        Assert.Equal(0, run.ExitCode);
        var log = string.Concat(Directory.GetFiles(folder.Path).Select(File.ReadAllText));
        if (log.Length == 0)
            Assert.Skip("this loader keeps no log (no glibc)");
        Assert.DoesNotContain("libtorch_cpu", log);
    }
}
