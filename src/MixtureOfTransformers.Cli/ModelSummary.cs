using System.Globalization;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli;

/// <summary>Says what is about to be trained, so that nobody trains the wrong model without noticing.</summary>
internal static class ModelSummary
{
    public static void Print(Recipe recipe, MotConfig config, PreparedData data, string start, CliConsole console)
    {
        var count = ParameterCount.Of(config);
        var name = recipe.Model.Architecture == Architectures.Mot ? "mixture-of-transformers" : ArchitectureNames.InSentence(recipe.Model.Architecture);
        var towers = config.TowerCount == 1 ? "1 tower" : $"{config.TowerCount} towers";
        console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{recipe.Name}: {name}, D {config.Dim}, {config.LayerCount} layers, {config.HeadCount} heads, {towers}, {count.Total:#,0} parameters ({count.Activated:#,0} per token), {start}"));
        var training = recipe.Training;
        console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"data: {data.Train.DocumentCount:#,0} documents, {data.Train.TokenCount:#,0} tokens; {training.TokensPerStep:#,0} tokens per step"));
    }
}
