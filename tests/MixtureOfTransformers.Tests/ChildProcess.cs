using System.Diagnostics;

namespace MixtureOfTransformers.Tests;

/// <summary>Runs a program to its end and keeps what it wrote.</summary>
internal sealed record ChildProcess(int ExitCode, string Output, string Error)
{
    /// <summary>The built <c>mot</c> beside the tests, in a process of its own.</summary>
    public static ChildProcess Mot(string[] arguments, params (string Name, string? Value)[] environment) =>
        Run("dotnet", [Path.Combine(AppContext.BaseDirectory, "mot.dll"), .. arguments], environment);

    public static ChildProcess Run(string program, string[] arguments, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.Result);
    }
}
