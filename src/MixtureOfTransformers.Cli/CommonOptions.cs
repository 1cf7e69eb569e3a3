using System.CommandLine;

namespace MixtureOfTransformers.Cli;

/// <summary>Options that mean the same wherever they appear.</summary>
public static class CommonOptions
{
    /// <summary>The one <c>--verbose</c>, inherited by every command.</summary>
    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "Show the stack trace when something fails", Recursive = true };

    /// <summary>A command's own <c>--json</c>: standard output is one JSON document and nothing else.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON on standard output, for programs" };
}
