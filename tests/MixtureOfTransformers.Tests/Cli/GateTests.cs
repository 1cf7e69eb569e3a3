namespace MixtureOfTransformers.Tests.Cli;

/// <summary>The gate, <c>.ci/run</c>, in a checkout of its own with a stand-in for <c>dotnet</c>.</summary>
public sealed class GateTests
{
    [Theory]
    [InlineData(0, 0, 0, "3 passed, 0 failed, 1 skipped")]
    [InlineData(0, 1, 1, "3 passed, 2 failed, 1 skipped")]
    [InlineData(2, 0, 2, "3 passed, 2 failed, 1 skipped")]
    public void TheLastLineCountsFailedTestsAndExamples(int failedTests, int exampleFails, int code, string last)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("the gate is a shell script");
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { ".ci", "examples", "tools" })
            Directory.CreateDirectory(folder.File(name));
        File.Copy(Repository.PathTo(".ci", "run"), folder.File(".ci/run"));
        foreach (var example in new[] { "a", "b" })
            File.WriteAllText(folder.File($"examples/{example}.cs"), "");
        File.WriteAllText(folder.File("tools/dotnet"), $"""
            #!/bin/sh
            case $1 in
              test) printf '  succeeded: 3\n  failed: {failedTests}\n  skipped: 1\n'; exit {failedTests} ;;
              run) exit {exampleFails} ;;
            esac
            """);
        UnixMode.Set(folder.File("tools/dotnet"), UnixMode.Executable);

        var run = ChildProcess.Run(folder.File(".ci/run"), [], ("PATH", $"{folder.File("tools")}:/usr/bin:/bin"));
        Assert.Equal((code, last), (run.ExitCode, run.Output.TrimEnd().Split('\n')[^1]));
    }
}
