using System.CommandLine;

namespace MixtureOfTransformers.Cli;

/// <summary>A command whose help ends with examples.</summary>
public sealed class MotCommand(string name, string description) : Command(name, description)
{
    /// <summary>Command lines a reader may copy, simplest first.</summary>
    public IReadOnlyList<CommandExample> Examples { get; init; } = [];

    /// <summary>Sets what the command does; it returns the exit code.</summary>
    /// <remarks>Runs on the caller's thread from start to end, as tensors and dispose scopes belong to a thread.</remarks>
    public MotCommand Does(Func<ParseResult, CancellationToken, int> action)
    {
        SetAction((parsed, cancellation) => Task.FromResult(action(parsed, cancellation)));
        return this;
    }
}
