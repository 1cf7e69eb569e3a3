using System.CommandLine;
using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>--architecture</c>, wherever a model can be another of the same shape.</summary>
internal static class ArchitectureOption
{
    /// <param name="purpose">What the choice is for.</param>
    public static Option<string?> Create(string purpose)
    {
        var option = new Option<string?>("--architecture") { Description = $"{purpose}: {string.Join(", ", Architectures.Names)}; other numbers as well", HelpName = "name" };
        option.CompletionSources.Add(Architectures.Names.ToArray());
        option.AcceptOnlyKnown();
        return option;
    }

    private static void AcceptOnlyKnown(this Option<string?> option) => option.CustomParser = result => Architectures.Validate(result.Tokens[0].Value);
}
