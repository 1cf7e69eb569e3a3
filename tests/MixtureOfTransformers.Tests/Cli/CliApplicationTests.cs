using System.CommandLine;
using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class CliApplicationTests
{
    [Theory]
    [InlineData("doctr", "mot: 'doctr' is not a command of 'mot'; did you mean 'doctor'? Run 'mot --help' for usage\n")]
    [InlineData("zzz", "mot: 'zzz' is not a command of 'mot'; run 'mot --help' for usage\n")]
    [InlineData("doctor --jsn", "mot: '--jsn' is not an option of 'mot doctor'; did you mean '--json'? Run 'mot doctor --help' for usage\n")]
    [InlineData("doctor extra", "mot: 'extra' is one argument too many for 'mot doctor'; run 'mot doctor --help' for usage\n")]
    [InlineData("completion", "mot: 'mot completion' needs <shell>; run 'mot completion --help' for usage\n")]
    [InlineData("completion fsh", "mot: 'fsh' is not one of bash, zsh, fish, pwsh; did you mean 'fish'? Run 'mot completion --help' for usage\n")]
    public void WrongCommandLinesEndWithCode2AndOneLineThatHelps(string line, string expected)
    {
        var run = CliRun.Of(line.Split(' '));
        Assert.Equal((ExitCode.Usage, "", expected), (run.ExitCode, run.Output, run.Error.ReplaceLineEndings("\n")));
    }

    [Fact]
    public void AValueOfTheWrongKindIsNamedWithItsOption()
    {
        var steps = new MotCommand("work", "Works") { Options = { new Option<int>("--steps") } }.Does((_, _) => 0);
        var run = CliRun.Of(steps, default, "work", "--steps", "many");
        Assert.Equal((ExitCode.Usage, "mot: 'many' given to --steps is not a whole number; run 'mot work --help' for usage"), (run.ExitCode, run.Error.TrimEnd()));
    }

    [Fact]
    public void AMisspeltOptionIsNotTakenForAnArgument()
    {
        var command = new MotCommand("open", "Opens") { Arguments = { new Argument<string>("file") }, Options = { new Option<string>("--out") } }.Does((_, _) => 0);
        var run = CliRun.Of(command, default, "open", "--oot");
        Assert.Equal((ExitCode.Usage, "mot: '--oot' is not an option of 'mot open'; did you mean '--out'? Run 'mot open --help' for usage"), (run.ExitCode, run.Error.TrimEnd()));
        Assert.Equal(ExitCode.Success, CliRun.Of(command, default, "open", "--", "--oot").ExitCode);
        Assert.Equal(ExitCode.Success, CliRun.Of(command, default, "open", "file", "--out", "--oot").ExitCode);
    }

    [Fact]
    public void AGroupWithoutACommandListsItsCommands()
    {
        var group = new MotCommand("tool", "Tools") { Subcommands = { new MotCommand("one", "One"), new MotCommand("two", "Two") } };
        Assert.Equal("mot: 'mot tool' needs one of its commands: one, two; run 'mot tool --help' for usage", CliRun.Of(group, default, "tool").Error.TrimEnd());
    }

    [Fact]
    public void AnArgumentMayBeginWithAt() =>
        Assert.Equal("@home", Caught(new Argument<string>("prompt"), "@home"));

    [Fact]
    public void AUserErrorIsOneLineAndCode1()
    {
        var run = CliRun.Of(Throwing(new MotException("step 3 of 2\n  is too far; use less")), default, "fail");
        Assert.Equal((ExitCode.Failure, "", "mot: step 3 of 2 is too far; use less"), (run.ExitCode, run.Output, run.Error.TrimEnd()));
    }

    [Fact]
    public void AUserErrorInsideATypeInitializerIsFound()
    {
        var error = new TypeInitializationException("T", new AggregateException(new MotException("no libtorch")));
        Assert.Equal("mot: no libtorch", CliRun.Of(Throwing(error), default, "fail").Error.TrimEnd());
    }

    [Fact]
    public void AUsageErrorOfACommandIsCode2() =>
        Assert.Equal(ExitCode.Usage, CliRun.Of(Throwing(new UsageException("--a excludes --b; give one")), default, "fail").ExitCode);

    [Fact]
    public void AnUnexpectedErrorIsOneLineThatTellsHowToSeeMore()
    {
        var run = CliRun.Of(Throwing(new InvalidOperationException("odd.\nsecond line")), default, "fail");
        Assert.Equal((ExitCode.Failure, "mot: unexpected InvalidOperationException: odd; run with --verbose for the stack trace"), (run.ExitCode, run.Error.TrimEnd()));
    }

    [Theory]
    [InlineData("fail --verbose")]
    [InlineData("--verbose fail")]
    public void TheStackTraceComesWithVerbose(string line)
    {
        var run = CliRun.Of(Throwing(new InvalidOperationException("odd")), default, line.Split(' '));
        Assert.Contains($"   at {typeof(CliApplicationTests).FullName}", run.Error);
    }

    [Fact]
    public void ACancelledCommandEndsWith130()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var wait = new MotCommand("wait", "Waits").Does((_, cancellation) =>
        {
            cancellation.ThrowIfCancellationRequested();
            return 0;
        });
        var run = CliRun.Of(wait, source.Token, "wait");
        Assert.Equal((ExitCode.Interrupted, "mot: interrupted"), (run.ExitCode, run.Error.TrimEnd()));
    }

    [Fact]
    public void ACancellationThatNobodyAskedForIsAnError() =>
        Assert.Equal(ExitCode.Failure, CliRun.Of(Throwing(new OperationCanceledException()), default, "fail").ExitCode);

    [Fact]
    public void VersionNamesTheProductAndWhatItStandsOn()
    {
        var run = CliRun.Of("--version");
        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Matches(@"^mot \d+\.\d+\.\d+.*\nTorchSharp 0\.107\.0\nlibtorch 2\.10.*\n\.NET 10\.", run.Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void EveryCommandIsDescribedAndHasExamples()
    {
        foreach (var command in Leaves(CliApplication.Root(new CliConsole(TextWriter.Null, TextWriter.Null))))
        {
            Assert.False(string.IsNullOrWhiteSpace(command.Description), $"{command.Name} has no description");
            Assert.True(command is MotCommand { Examples.Count: > 0 }, $"{command.Name} has no examples");
            Assert.All(((MotCommand)command).Examples, example => Assert.Contains("mot ", example.CommandLine));
            Assert.All(command.Options.Cast<Symbol>().Concat(command.Arguments), symbol => Assert.False(string.IsNullOrWhiteSpace(symbol.Description), $"{command.Name} {symbol.Name} has no description"));
        }
    }

    private static IEnumerable<Command> Leaves(Command command) => command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);

    private static MotCommand Throwing(Exception error) => new MotCommand("fail", "Fails").Does((_, _) => throw error);

    private static string? Caught(Argument<string> argument, string value)
    {
        string? caught = null;
        var command = new MotCommand("catch", "Catches") { Arguments = { argument } }.Does((parsed, _) =>
        {
            caught = parsed.GetValue(argument);
            return 0;
        });
        CliRun.Of(command, default, "catch", value);
        return caught;
    }
}
