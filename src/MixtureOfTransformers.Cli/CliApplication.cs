using System.CommandLine;
using System.CommandLine.Help;
using MixtureOfTransformers.Cli.Commands;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Cli;

/// <summary>The <c>mot</c> program: parses, runs one command, turns errors into one line and an exit code.</summary>
public static class CliApplication
{
    /// <summary>What the user types.</summary>
    public const string Name = "mot";

    internal static IReadOnlyList<CommandExample> Examples { get; } =
    [
        new("mot quickstart", "trains dense and MoT on built-in data and compares them, in minutes"),
        new("mot train recipes/scenes.json --out runs/scenes", "trains from a recipe"),
        new("mot compare recipes/paper/quick.json --out runs/quick", "compares four architectures, in 13 minutes"),
        new("mot generate runs/scenes --prompt \"a large red circle on white\" --out circle.png", "draws an image"),
        new("mot inspect 7b --modalities 2", "counts parameters and FLOPs"),
        new("mot plan 7b --devices 384 --shard full", "estimates memory, time and cost of a training run"),
        new("mot doctor", "checks this machine"),
        new("mot bench", "measures how fast it trains and decodes"),
        new("mot completion bash > ~/.local/share/bash-completion/completions/mot", "completes commands on Tab"),
    ];

    /// <summary>Runs one command line.</summary>
    /// <param name="args">The arguments after the program's name.</param>
    /// <param name="console">Where it writes.</param>
    /// <param name="cancellation">Stops the command; it then ends with <see cref="ExitCode.Interrupted"/>.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(string[] args, CliConsole console, CancellationToken cancellation = default) => RunAsync(Root(console), args, console, cancellation);

    internal static async Task<int> RunAsync(RootCommand root, string[] args, CliConsole console, CancellationToken cancellation)
    {
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null }); // a prompt may begin with @
        if (parsed.Action is not { ClearsParseErrors: true } && UsageMessage.For(parsed) is { } problem)
        {
            console.WriteError(problem);
            return ExitCode.Usage;
        }
        try
        {
            var settings = new InvocationConfiguration { Output = console.Output, Error = console.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(settings, cancellation);
        }
        catch (Exception error)
        {
            return Report(error, console, parsed.GetValue(CommonOptions.Verbose), cancellation);
        }
    }

    /// <summary>The whole tree of commands.</summary>
    internal static RootCommand Root(CliConsole console)
    {
        var root = new RootCommand("Mixture-of-Transformers: train, compare and sample sparse multimodal transformers.")
        {
            HelpName = Name,
            Options = { CommonOptions.Verbose },
            Subcommands =
            {
                QuickstartCommand.Create(console),
                TrainCommand.Create(console),
                UpcycleCommand.Create(console),
                CompareCommand.Create(console),
                EvaluateCommand.Create(console),
                TrainRoutersCommand.Create(console),
                AnalyzeCommand.Create(console),
                ProbeCausalityCommand.Create(console),
                GenerateCommand.Create(console),
                DataCommand.Create(console),
                TokenizerCommand.Create(console),
                InspectCommand.Create(console),
                PlanCommand.Create(console),
                DoctorCommand.Create(console),
                BenchCommand.Create(console),
                CompletionCommand.Create(console),
            },
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples(asked: true);
        foreach (var alias in help.Aliases.Where(alias => alias[0] == '/').ToList())
            help.Aliases.Remove(alias);
        root.Options.OfType<VersionOption>().Single().Action = new VersionText();
        root.Action = new HelpWithExamples(asked: false);
        return root;
    }

    private static int Report(Exception error, CliConsole console, bool verbose, CancellationToken cancellation)
    {
        var cause = Unwrap(error);
        if (cause is OperationCanceledException && cancellation.IsCancellationRequested)
        {
            console.WriteError("interrupted");
            return ExitCode.Interrupted;
        }
        console.WriteError(cause switch
        {
            MotException => cause.Message,
            IOException or UnauthorizedAccessException => cause.Message,
            OutOfMemoryException => "out of memory; use a smaller model, batch or sequence length",
            _ => $"unexpected {cause.GetType().Name}: {FirstLine(cause.Message)}; run with --verbose for the stack trace",
        });
        if (verbose)
            console.Error.WriteLine(error);
        return cause is UsageException ? ExitCode.Usage : ExitCode.Failure;
    }

    /// <summary>Static constructors and tasks wrap the error that matters.</summary>
    private static Exception Unwrap(Exception error) =>
        error is TypeInitializationException or AggregateException && error.InnerException is { } inner ? Unwrap(inner) : error;

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd('\r', '.', ' ');
}
