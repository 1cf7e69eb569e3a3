using MixtureOfTransformers.Cli;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class CompletionCommandTests
{
    [Fact]
    public void SuggestionsNameCommandsThatBeginAsTyped() => Assert.Equal("doctor\n", CliRun.Of("[suggest:7]", "mot doc").Output.ReplaceLineEndings("\n"));

    [Fact]
    public void SuggestionsHoldNoWindowsSpellings() => Assert.DoesNotContain("/h", CliRun.Of("[suggest:4]", "mot ").Output);

    [Theory]
    [InlineData("bash", "complete -o default -F _mot_complete mot")]
    [InlineData("zsh", "#compdef mot")]
    [InlineData("fish", "complete --command mot")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName mot")]
    public void EveryShellGetsItsScript(string shell, string part)
    {
        var run = CliRun.Of("completion", shell);
        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Contains(part, run.Output);
        Assert.Contains("[suggest:", run.Output);
    }

    [Theory]
    [InlineData("./mot doc", "doctor")]
    [InlineData("/some/where/mot doctor --js", "--json")]
    [InlineData("mot completion f", "fish")]
    public void BashCompletesAsTyped(string line, string expected)
    {
        if (!File.Exists("/bin/bash"))
            Assert.Skip("there is no bash here");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("complete.sh"), CompletionScripts.For("bash"));
        File.WriteAllText(folder.File("program"), $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "mot.dll")}' \"$@\"\n");
        UnixMode.Set(folder.File("program"), UnixMode.Executable);
        var script = """
            source "$1/complete.sh"
            COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=($2)
            COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
            _mot_complete "$1/program"
            echo "${COMPREPLY[@]}"
            """;
        var run = ChildProcess.Run("/bin/bash", ["-c", script, "bash", folder.Path, line]);
        Assert.Equal((expected, ""), (run.Output.Trim(), run.Error));
    }
}
