using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>What is to be planned: a recipe, or a preset with the run that the paper made of it.</summary>
/// <param name="Training">How it is trained.</param>
/// <param name="TokensPerStep">Tokens of a step over all devices, whatever their number; null where they follow from <paramref name="Training"/>.</param>
/// <param name="ToConfig">The model for sequences of so many tokens.</param>
internal sealed record PlanSubject(TrainingRecipe Training, long? TokensPerStep, Func<int, MotConfig> ToConfig)
{
    /// <summary>Reads a recipe, whose placeholders need no values, or finds a preset.</summary>
    /// <exception cref="ConfigException">There is neither, or the recipe cannot be used.</exception>
    public static PlanSubject Of(string name, string? architecture) =>
        File.Exists(name) || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? OfRecipe(RecipeFile.ReadTemplate(name, new Dictionary<string, string>()), architecture) : OfPreset(name, architecture);

    private static PlanSubject OfRecipe(Recipe recipe, string? architecture)
    {
        var model = recipe.Model with { Architecture = architecture ?? recipe.Model.Architecture };
        return new(recipe.Training, null, length => model.ToConfig(RecipeVocabulary.Of(recipe), length));
    }

    private static PlanSubject OfPreset(string name, string? architecture)
    {
        var preset = ModelPresets.Get(name);
        var config = Architectures.Apply(architecture ?? Architectures.Mot, preset);
        var training = new TrainingRecipe { Compute = ComputeType.Bf16 };
        if (PaperRun.Of(name) is { } paper)
            training = training with { BatchRows = paper.RowsPerDevice, SequenceLength = PaperRun.SequenceLength, Steps = paper.Steps };
        return new(training, PaperRun.Of(name)?.TokensPerStep, length => (config with { MaxSequenceLength = length }).Validate());
    }
}
