namespace MixtureOfTransformers.Tests;

/// <summary>Runs an explicit test of this program in a process of its own, whose memory no other test uses.</summary>
internal static class OwnProcess
{
    /// <summary>Fails with what the test wrote unless it passes. Only on Linux, whose <c>/proc</c> the tests read.</summary>
    public static void Passes(Type type, string method, params (string Name, string? Value)[] environment)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a program of its own is started on Linux alone");
        var program = Path.Combine(AppContext.BaseDirectory, typeof(OwnProcess).Assembly.GetName().Name!);
        var run = ChildProcess.Run(program, ["-explicit", "only", "-method", $"{type.FullName}.{method}"], environment);
        Assert.True(run.ExitCode == 0 && run.Output.Contains("Total: 1", StringComparison.Ordinal), run.Output + run.Error);
    }

    /// <summary>The most main memory that this process has held at once, in bytes.</summary>
    public static long PeakBytes => 1024 * long.Parse(File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(':', 'k')[1]);
}
