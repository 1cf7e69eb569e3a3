using System.CommandLine;
using MixtureOfTransformers.Cli;

namespace MixtureOfTransformers.Tests.Cli;

/// <summary>One command line run inside the test's process.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    public static CliRun Of(params string[] args) => Of(null, CancellationToken.None, args);

    /// <param name="extra">A command to add to the tree.</param>
    /// <param name="cancellation">The token the program would get from Ctrl-C.</param>
    /// <param name="args">The command line.</param>
    public static CliRun Of(Command? extra, CancellationToken cancellation, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var console = new CliConsole(output, error);
        var root = CliApplication.Root(console);
        if (extra is not null)
            root.Subcommands.Add(extra);
        var code = CliApplication.RunAsync(root, args, console, cancellation).GetAwaiter().GetResult();
        return new(code, output.ToString(), error.ToString());
    }
}
