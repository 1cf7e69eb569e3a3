using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace MixtureOfTransformers.Cli;

/// <summary>Where a command writes: results to <see cref="Output"/>, errors to <see cref="Error"/>. Tests pass text writers.</summary>
public sealed class CliConsole
{
    private const int WidthOfText = 100;

    /// <summary>A console over two writers.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="outputIsTerminal">Whether a person watches standard output; live display and colours depend on it.</param>
    /// <param name="errorIsTerminal">The same for standard error.</param>
    /// <param name="time">The clock of progress displays.</param>
    public CliConsole(TextWriter output, TextWriter error, bool outputIsTerminal = false, bool errorIsTerminal = false, TimeProvider? time = null)
    {
        (Output, Error, Time) = (output, error, time ?? TimeProvider.System);
        (Ansi, AnsiError) = (Over(output, outputIsTerminal), Over(error, errorIsTerminal));
    }

    /// <summary>Plain results.</summary>
    public TextWriter Output { get; }

    /// <summary>Errors and warnings.</summary>
    public TextWriter Error { get; }

    /// <summary>Tables and colours on <see cref="Output"/>; plain text where that is not a terminal.</summary>
    public IAnsiConsole Ansi { get; }

    /// <summary>The same on <see cref="Error"/>.</summary>
    public IAnsiConsole AnsiError { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The console of this process.</summary>
    public static CliConsole OfProcess()
    {
        var dumb = Environment.GetEnvironmentVariable("TERM") is "dumb";
        return new(Console.Out, Console.Error, !Console.IsOutputRedirected && !dumb, !Console.IsErrorRedirected && !dumb);
    }

    /// <summary>Progress of long work: on standard output for a person, on standard error when the output is JSON for a program.</summary>
    /// <param name="json">Whether standard output holds JSON.</param>
    public ConsoleProgress Progress(bool json = false) => new(json ? AnsiError : Ansi, json ? Error : Output, Time);

    /// <summary>Writes one JSON document and a line end to <see cref="Output"/>.</summary>
    public void WriteJson<T>(T value, JsonTypeInfo<T> type) => Output.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>Writes one line to <see cref="Error"/>: <c>mot: message</c>.</summary>
    public void WriteError(string message) => Error.WriteLine($"mot: {string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}");

    private static IAnsiConsole Over(TextWriter writer, bool isTerminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Yes : InteractionSupport.No,
        });
        if (!isTerminal)
            console.Profile.Width = WidthOfText;
        return console;
    }
}
