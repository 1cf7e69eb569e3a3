namespace MixtureOfTransformers.Cli;

/// <summary>The text of the completion scripts. Each rewrites the program's word to <c>mot</c>, so that <c>./mot</c> completes as well.</summary>
internal static class CompletionScripts
{
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish", "pwsh"];

    public static string For(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        "pwsh" => PowerShell,
        _ => throw new UsageException($"no completion for shell '{shell}'; there is one for {string.Join(", ", Shells)}"),
    };

    private const string Bash = """
        # bash completion for mot
        _mot_complete() {
          local rest="${COMP_LINE#*[[:space:]]}" IFS=$'\n'
          local before=$(( ${#COMP_LINE} - ${#rest} ))
          local words
          words="$("$1" "[suggest:$(( COMP_POINT - before + 4 ))]" "mot $rest" 2> /dev/null)"
          COMPREPLY=( $(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}") )
        }
        complete -o default -F _mot_complete mot ./mot

        """;

    private const string Zsh = """
        #compdef mot
        _mot() {
          local rest="${BUFFER#* }"
          local before=$(( ${#BUFFER} - ${#rest} ))
          local -a words
          words=("${(@f)$(${words[1]:-mot} "[suggest:$(( CURSOR - before + 4 ))]" "mot $rest" 2> /dev/null)}")
          compadd -- ${words:#}
          (( ${#${words:#}} )) || _files
        }
        if [ "$funcstack[1]" = "_mot" ]; then _mot "$@"; else compdef _mot mot; fi

        """;

    private const string Fish = """
        # fish completion for mot
        function __mot_complete
            set -l program (commandline --tokenize --cut-at-cursor)[1]
            set -l line "mot "(string replace --regex '^\S+\s+' '' -- (commandline --cut-at-cursor))
            $program "[suggest:"(string length -- $line)"]" $line 2> /dev/null
        end
        complete --command mot --arguments '(__mot_complete)'

        """;

    private const string PowerShell = """
        # PowerShell completion for mot
        Register-ArgumentCompleter -Native -CommandName mot -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $program = $commandAst.CommandElements[0].ToString()
            $line = $commandAst.ToString()
            $rest = if ($line.Length -gt $program.Length) { $line.Substring($program.Length) } else { ' ' }
            $position = 3 + [Math]::Max($cursorPosition - $program.Length, 1)
            & $program "[suggest:$position]" ('mot' + $rest.PadRight($position - 3)) 2>$null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }

        """;
}
