using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Tests.Models;

public sealed class PaperRunTests
{
    /// <summary>Tables 1, 3, 4 and 5 of the paper: tokens of a step, and of the run in units of 10¹².</summary>
    [Theory]
    [InlineData("37m", 1_572_864, 0.252)]
    [InlineData("94m", 1_048_576, 0.168)]
    [InlineData("443m", 1_572_864, 0.252)]
    [InlineData("880m", 2_097_152, 0.252)]
    [InlineData("1.5b", 2_097_152, 0.252)]
    [InlineData("7B", 3_145_728, 0.377)]
    [InlineData("transfusion-163m", 2_097_152, 0.524)]
    [InlineData("transfusion-760m", 2_097_152, 0.524)]
    [InlineData("transfusion-1.4b", 2_097_152, 0.524)]
    [InlineData("transfusion-7b", 2_097_152, 0.524)]
    public void TokensAreThoseThePaperStates(string preset, long tokensPerStep, double trillions)
    {
        var run = PaperRun.Of(preset)!;
        Assert.Equal(tokensPerStep, run.TokensPerStep);
        Assert.Equal(trillions, Math.Round(run.TokensPerStep * run.Steps / 1e12, 3));
    }

    [Fact]
    public void EveryPresetOfThePaperHasOneAndTheSmallOnesHaveNone() =>
        Assert.Equal(["tiny", "mini", "small", "medium", "large"], ModelPresets.All.Keys.Where(name => PaperRun.Of(name) is null));
}
