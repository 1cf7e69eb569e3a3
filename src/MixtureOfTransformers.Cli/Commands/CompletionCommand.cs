using System.CommandLine;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot completion SHELL</c>: a script that asks <c>mot "[suggest:position]" "line"</c> for what may come next.</summary>
internal static class CompletionCommand
{
    public static Command Create(CliConsole console)
    {
        var shell = new Argument<string>("shell") { Description = "The shell to complete in" };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]);
        return new MotCommand("completion", "Print a script that lets a shell complete mot's commands and options")
        {
            Arguments = { shell },
            Examples =
            [
                new("source <(mot completion bash)", "for this bash; put the line into ~/.bashrc to keep it"),
                new("mot completion zsh > ~/.zfunc/_mot", "for zsh, with ~/.zfunc in fpath"),
                new("mot completion fish > ~/.config/fish/completions/mot.fish", "for fish"),
                new("mot completion pwsh | Out-String | Invoke-Expression", "for this PowerShell; put the line into $PROFILE to keep it"),
            ],
        }.Does((parsed, _) =>
        {
            console.Output.Write(CompletionScripts.For(parsed.GetRequiredValue(shell)));
            return ExitCode.Success;
        });
    }
}
