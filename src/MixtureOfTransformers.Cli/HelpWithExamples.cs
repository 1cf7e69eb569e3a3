using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MixtureOfTransformers.Cli;

/// <summary>The usual help, followed by the command's examples.</summary>
/// <param name="asked">Whether the user asked for help, so that what else is wrong with the command line does not matter.</param>
internal sealed class HelpWithExamples(bool asked) : SynchronousCommandLineAction
{
    private const int Width = 100;

    private readonly HelpAction _help = new() { MaxWidth = Width };

    public override bool ClearsParseErrors => asked;

    public override int Invoke(ParseResult parseResult)
    {
        _help.Invoke(parseResult);
        if (Examples(parseResult.CommandResult.Command) is { Count: > 0 } examples)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  {example.CommandLine}");
                output.WriteLine($"      {example.Effect}");
            }
            output.WriteLine();
        }
        return ExitCode.Success;
    }

    private static IReadOnlyList<CommandExample> Examples(Command command) => command switch
    {
        MotCommand own => own.Examples,
        RootCommand => CliApplication.Examples,
        _ => [],
    };
}
