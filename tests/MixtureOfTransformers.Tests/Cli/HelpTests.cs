using System.CommandLine;
using MixtureOfTransformers.Cli;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class HelpTests
{
    public static TheoryData<string> Commands() => [.. Paths(CliApplication.Root(new CliConsole(TextWriter.Null, TextWriter.Null)), CliApplication.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void HelpIsAsApproved(string command)
    {
        var run = CliRun.Of([.. command.Split(' ').Skip(1), "--help"]);
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        Approvals.Verify($"Cli/Help/{command.Replace(' ', '-')}.approved.txt", string.Join('\n', run.Output.ReplaceLineEndings("\n").TrimEnd().Split('\n').Select(line => line.TrimEnd())) + "\n");
    }

    private static IEnumerable<string> Paths(Command command, string path) => [path, .. command.Subcommands.SelectMany(child => Paths(child, $"{path} {child.Name}"))];
}
