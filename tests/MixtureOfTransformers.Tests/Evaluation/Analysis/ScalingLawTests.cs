using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation.Analysis;

namespace MixtureOfTransformers.Tests.Evaluation.Analysis;

public sealed class ScalingLawTests
{
    [Fact]
    public void RunsOnAPowerLawGiveItsExponentByModalityAndArchitecture()
    {
        var laws = ScalingLaw.Of([.. Sizes("dense", 0.2, 0.1), .. Sizes("mot", 0.3, 0.15)]);
        Assert.Equal([("dense", "image", 0.1), ("dense", "text", 0.2), ("mot", "image", 0.15), ("mot", "text", 0.3)],
            laws.Select(law => (law.Architecture, law.Modality.Name, Math.Round(law.Fit.Exponent, 3))));
        Assert.All(laws, law => Assert.Equal((ScalingAxis.Parameters, 1024.0, 500L), (law.Axis, law.Constant, law.Steps)));
        Assert.All(laws, law => Assert.Equal([1e5, 1e6, 1e7], law.Points.Select(p => p.Size)));
    }

    [Fact]
    public void BatchSizesAreFittedAtEqualParameters()
    {
        var laws = ScalingLaw.Of([Run("a", "mot", 1e6, 1024, 3), Run("b", "mot", 1e6, 4096, 2.7)]);
        Assert.All(laws, law => Assert.Equal((ScalingAxis.TokensPerStep, 1e6), (law.Axis, law.Constant)));
        Assert.Equal(2, laws.Length);
    }

    [Fact]
    public void RunsThatDifferInTwoThingsOrInNoneAreNotFitted()
    {
        Assert.Empty(ScalingLaw.Of([Run("a", "mot", 1e6, 1024, 3), Run("b", "mot", 1e7, 4096, 2.7)]));
        Assert.Empty(ScalingLaw.Of([Run("a", "mot", 1e6, 1024, 3), Run("b", "mot", 1e6, 1024, 2.9)]));
        Assert.Empty(ScalingLaw.Of([Run("a", "mot", 1e6, 1024, 3), Run("b", "dense", 1e7, 1024, 2.7)]));
        Assert.Empty(ScalingLaw.Of([Run("a", "mot", 1e6, 1024, 3), Run("b", "mot", 1e7, 1024, 2.7) with { Step = 400 }]));
    }

    private static IEnumerable<RunAnalysis> Sizes(string architecture, double textExponent, double imageExponent) => new[] { 1e5, 1e6, 1e7 }.Select(size =>
        Run($"{size}", architecture, size, 1024, 0) with { ValidationLoss = Losses(20 * Math.Pow(size, -textExponent), 5 * Math.Pow(size, -imageExponent)) });

    private static RunAnalysis Run(string name, string architecture, double parameters, long tokensPerStep, double loss) => new()
    {
        Name = name,
        Architecture = architecture,
        Step = 500,
        Parameters = (long)parameters,
        TokensPerStep = tokensPerStep,
        ValidationLoss = Losses(loss, loss / 2),
        Modalities = [ModalityId.Text, ModalityId.Image],
        Stages = [],
    };

    private static ImmutableSortedDictionary<string, double> Losses(double text, double image) => new Dictionary<string, double> { ["text"] = text, ["image"] = image }.ToImmutableSortedDictionary();
}
