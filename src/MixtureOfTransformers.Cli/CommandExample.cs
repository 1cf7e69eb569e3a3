namespace MixtureOfTransformers.Cli;

/// <summary>One example in a command's help.</summary>
/// <param name="CommandLine">What to type, from <c>mot</c> on.</param>
/// <param name="Effect">What it does, in a few words.</param>
public sealed record CommandExample(string CommandLine, string Effect);
