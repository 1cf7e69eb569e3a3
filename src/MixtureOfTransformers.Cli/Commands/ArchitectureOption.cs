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
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && !Architectures.IsKnown(name))
                result.AddError(Architectures.Unknown(name));
        });
        return option;
    }
}
