using MixtureOfTransformers.Evaluation.Causality;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Evaluation.Causality;

public sealed class ExpertCausalityTests
{
    [Theory]
    [InlineData("moe-4x")]
    [InlineData("moma-2t2i")]
    [InlineData("hybrid")]
    public void ExpertChoiceOverTheBatchLeaksIntoEarlierTokensAndOtherRows(string architecture)
    {
        var report = Probe(Architectures.Apply(architecture, TestModels.Config()), ExpertRouting.ExpertChoice);
        Assert.Equal((CausalityVerdict.Leaks, "layer 1"), (report.Verdict, report.FirstStage));
        Assert.Contains(report.Cases, c => c.Earlier.Moved > 0);
        Assert.Contains(report.Cases, c => c.OtherRows.Moved > 0);
        Assert.True(report.Stages[^1].MaxChange > 100 * report.Stages[^1].Tolerance); // not to be taken for rounding
    }

    [Fact]
    public void ExpertChoiceWithinTheRowLeavesOtherRowsAlone()
    {
        var report = Probe(Architectures.Apply("moe-4x", TestModels.Config()) with { ExpertChoice = new() { Pool = ExpertPool.Sequence } }, ExpertRouting.ExpertChoice);
        Assert.Equal(CausalityVerdict.Leaks, report.Verdict);
        Assert.Contains(report.Cases, c => c.Earlier.Moved > 0);
        Assert.All(report.Cases, c => Assert.Equal(0, c.OtherRows.Moved));
    }

    [Theory]
    [InlineData("moe-4x")]
    [InlineData("hybrid")]
    public void TokenChoiceIsCausal(string architecture) =>
        Assert.Equal(CausalityVerdict.Causal, Probe(Architectures.Apply(architecture, TestModels.Config()), ExpertRouting.TokenChoice).Verdict);

    private static CausalityReport Probe(MotConfig config, ExpertRouting routing)
    {
        using var model = TestModels.Create(config, 1, ScalarType.Float32);
        model.ExpertRouting = routing;
        var vocabulary = RandomRows.VocabularyOf(config);
        return CausalityProbe.Of(model, vocabulary).Run(RandomRows.Create(vocabulary, 3, 24, seed: 2));
    }
}
