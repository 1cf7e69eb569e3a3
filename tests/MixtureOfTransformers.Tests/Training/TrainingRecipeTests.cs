using MixtureOfTransformers.Models;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Tests.Training;

public sealed class TrainingRecipeTests
{
    /// <summary>Tables 1, 3 and 4 of the paper, with its GPUs as micro-batches.</summary>
    [Theory]
    [InlineData("37m", 12, 32, 160_000, 1_572_864, 0.252)]
    [InlineData("94m", 8, 32, 160_000, 1_048_576, 0.168)]
    [InlineData("443m", 6, 64, 160_000, 1_572_864, 0.252)]
    [InlineData("1.5b", 4, 128, 120_000, 2_097_152, 0.252)]
    [InlineData("7b", 2, 384, 120_000, 3_145_728, 0.377)]
    [InlineData("transfusion-163m", 4, 128, 250_000, 2_097_152, 0.524)]
    [InlineData("transfusion-7b", 2, 256, 250_000, 2_097_152, 0.524)]
    public void TokensOfThePapersRunsAreThoseItStates(string preset, int rows, int devices, long steps, long tokensPerStep, double trillions)
    {
        var recipe = new TrainingRecipe { SequenceLength = ModelPresets.Get(preset).MaxSequenceLength, BatchRows = rows, Accumulation = devices, Steps = steps };
        Assert.Equal(tokensPerStep, recipe.TokensPerStep);
        Assert.Equal(trillions, Math.Round(recipe.TokensPerStep * steps / 1e12, 3));
    }
}
