using System.CommandLine;
using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Cli;

/// <summary>A command whose help ends with examples.</summary>
public sealed class MotCommand(string name, string description) : Command(name, description)
{
    /// <summary>Command lines a reader may copy, simplest first.</summary>
    public IReadOnlyList<CommandExample> Examples { get; init; } = [];

    /// <summary>Whether libtorch is loaded before the command runs, so that a failure to load is reported in one line with its remedy.</summary>
    public bool NeedsTorch { get; init; }

    /// <summary>Sets what the command does; it returns the exit code.</summary>
    /// <remarks>Runs on the caller's thread from start to end, as tensors and dispose scopes belong to a thread.</remarks>
    public MotCommand Does(Func<ParseResult, CancellationToken, int> action)
    {
        SetAction((parsed, cancellation) =>
        {
            if (NeedsTorch)
                NativeRuntime.EnsureLoaded();
            return Task.FromResult(action(parsed, cancellation));
        });
        return this;
    }
}
