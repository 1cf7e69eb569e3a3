using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Cli;

/// <summary>A command line that parses but makes no sense, for instance two options that exclude each other. Ends with <see cref="ExitCode.Usage"/>.</summary>
public sealed class UsageException(string message) : MotException(message);
