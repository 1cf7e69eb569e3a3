using System.Text.Json.Serialization;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>One contender of a comparison. In JSON a plain string stands for an architecture under its own name.</summary>
[JsonConverter(typeof(ComparedArchitectureConverter))]
public sealed record ComparedArchitecture
{
    /// <summary>What it is called in tables and folders.</summary>
    public required string Name { get; init; }

    /// <summary>Which architecture it is, for instance <c>dense</c> or <c>mot</c>.</summary><value>The name.</value>
    public string? Architecture { get; init; }

    /// <summary>A shape of its own, in place of the recipe's.</summary><value>The recipe's.</value>
    public ModelRecipe? Model { get; init; }

    /// <summary>The model of this contender.</summary>
    /// <param name="shared">The shape that the comparison's recipe gives.</param>
    public ModelRecipe Of(ModelRecipe shared) => (Model ?? shared) with { Architecture = Architecture ?? Name };
}
