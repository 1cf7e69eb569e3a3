
namespace MixtureOfTransformers.Tests.Cli;

/// <summary>The launcher at the checkout's root, in a checkout of its own with a stand-in for <c>dotnet</c> that counts builds.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public LauncherTests()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("the launcher is a shell script");
        foreach (var folder in new[] { "checkout/src", "tools" })
            Directory.CreateDirectory(_folder.File(folder));
        File.Copy(Path.Combine(Repository.Root, "mot"), Launcher);
        File.WriteAllText(Source, "1");
        Executable("tools/dotnet", """
            #!/bin/sh
            if [ "$1" = build ]; then
              sleep "${BUILD_SECONDS:-0}"
              [ -z "${BUILD_FAILS:-}" ] || { echo "error CS0001: broken"; exit 1; }
              echo built >> "$COUNTS"
              bin=$(dirname "$2")/../artifacts/bin/MixtureOfTransformers.Cli/release
              mkdir -p "$bin"
              touch "$bin/mot.dll" "$bin/mot.stamp"
            else
              shift
              printf '<%s>' "$@"
              exit 7
            fi
            """);
        _path = $"{_folder.File("tools")}:/usr/bin:/bin";
    }

    private string Launcher => _folder.File("checkout/mot");
    private string Source => _folder.File("checkout/src/Code.cs");
    private string Counts => _folder.File("counts");
    private int Builds => File.Exists(Counts) ? File.ReadAllLines(Counts).Length : 0;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheFirstRunBuildsAndSaysSoAndTheNextIsSilent()
    {
        Assert.Equal("Building mot (first run takes a minute) ...\n", Run().Error);
        Assert.Equal("", Run().Error);
        Assert.Equal(1, Builds);
    }

    [Fact]
    public void ArgumentsAndTheExitCodePassThrough()
    {
        var run = Run("two words", "", "$HOME", "--x=*");
        Assert.Equal((7, "<two words><><$HOME><--x=*>"), (run.ExitCode, run.Output));
    }

    [Fact]
    public void AChangedAnAddedAndADeletedSourceEachBuildAgain()
    {
        Run();
        Age();
        File.WriteAllText(Source, "2");
        Assert.Equal("Building mot ...\n", Run().Error);
        Age();
        File.WriteAllText(_folder.File("checkout/src/Other.cs"), "3");
        Run();
        Age();
        File.Delete(_folder.File("checkout/src/Other.cs"));
        Run();
        Run();
        Assert.Equal(4, Builds);
    }

    [Fact]
    public void ItRunsThroughASymbolicLinkFromAnyFolder()
    {
        Directory.CreateSymbolicLink(_folder.File("link"), "checkout");
        File.CreateSymbolicLink(_folder.File("tools/mot"), "../link/mot");
        var run = ChildProcess.Run("/bin/sh", ["-c", "cd / && mot a"], Environment());
        Assert.Equal((7, "<a>"), (run.ExitCode, run.Output));
    }

    [Fact]
    public void AFailedBuildShowsItsErrorsAndRunsNothing()
    {
        var run = ChildProcess.Run(Launcher, ["a"], [.. Environment(), ("BUILD_FAILS", "1")]);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("error CS0001: broken", run.Error);
        Assert.Contains("mot: the build failed", run.Error);
        Assert.Equal(7, Run().ExitCode);
    }

    [Fact]
    public void TwoFirstRunsAtOnceBuildOnce()
    {
        if (!File.Exists("/usr/bin/flock"))
            Assert.Skip("there is no flock here");
        var runs = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () => ChildProcess.Run(Launcher, ["a"], [.. Environment(), ("BUILD_SECONDS", "0.5")]), TaskCreationOptions.LongRunning)).ToArray();
        Assert.All(runs, run => Assert.Equal((7, "<a>"), (run.Result.ExitCode, run.Result.Output)));
        Assert.Equal(1, Builds);
    }

    [Fact]
    public void ASystemWithoutDotnetIsToldWhatToInstall()
    {
        Directory.CreateDirectory(_folder.File("bare"));
        foreach (var tool in new[] { "dirname", "readlink" })
            File.CreateSymbolicLink(_folder.File($"bare/{tool}"), $"/usr/bin/{tool}");
        var run = ChildProcess.Run("/bin/sh", [Launcher], ("PATH", _folder.File("bare")), ("HOME", _folder.Path), ("DOTNET_ROOT", null));
        Assert.Equal((1, 1), (run.ExitCode, run.Error.Count(c => c == '\n')));
        Assert.StartsWith("mot: the .NET 10 SDK was not found; install it", run.Error);
    }

    private ChildProcess Run(params string[] arguments) => ChildProcess.Run(Launcher, arguments, Environment());

    private (string, string?)[] Environment() => [("PATH", _path), ("COUNTS", Counts)];

    /// <summary>Makes the last build an hour old, as file times are too coarse for a fast test.</summary>
    private void Age()
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries(_folder.File("checkout"), "*", SearchOption.AllDirectories))
            Directory.SetLastWriteTimeUtc(entry, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }

    private void Executable(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text + "\n");
        UnixMode.Set(_folder.File(name), UnixMode.Executable);
    }
}
