using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Benchmarks;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Tests.Benchmarks;

public sealed class SyntheticTokensTests
{
    private static readonly MotConfig Config = TrainingCase.All.Single(c => c.Name == "mot-3 spans").ConfigOf(ModelPresets.Get("tiny"));

    [Fact]
    public void InterleavedNeighboursNeverShareAModality()
    {
        var batch = Create(ModalityLayout.Interleaved);
        Assert.All(Enumerable.Range(1, 511), i => Assert.NotEqual(batch.Modalities[i - 1], batch.Modalities[i]));
    }

    [Fact]
    public void SpansHaveRealisticLengths()
    {
        var batch = Create(ModalityLayout.Spans);
        for (var (start, end) = (0, 0); start < 512; start = end)
        {
            while (end < 512 && batch.Modalities[end] == batch.Modalities[start])
                end++;
            var (least, most) = batch.Modalities[start] == 0 ? (32, 128) : (64, 256);
            Assert.InRange(end - start, end == 512 ? 1 : least, most);
        }
    }

    [Fact]
    public void TokensBelongToTheirModalityAndPredictTheNext()
    {
        var batch = Create(ModalityLayout.Spans);
        var vocabulary = SyntheticTokens.VocabularyOf(Config, blockLength: 1);
        for (var i = 0; i < batch.Inputs.Length; i++)
        {
            Assert.Equal(batch.Modalities[i], vocabulary.ModalityIndexOf((int)batch.Inputs[i]));
            Assert.Equal(i % 512 == 511 ? Batch.IgnoredTarget : batch.Inputs[i + 1], batch.Targets[i]);
        }
        Assert.Equal(2 * 511, batch.TargetCount);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(5)]
    public void PromptsAreWellFormed(int? openCodes)
    {
        var vocabulary = SyntheticTokens.VocabularyOf(TrainingCase.Mot.ConfigOf(ModelPresets.Get("tiny")), blockLength: 20);
        var prompt = SyntheticTokens.CreatePrompt(vocabulary, 64, openCodes, new SeededRandom(1));
        var state = new InterleavedState(vocabulary);
        foreach (var token in prompt)
            state.Accept(token);
        Assert.Equal(64, prompt.Length);
        Assert.Equal(openCodes is { } codes ? 20 - codes + 1 : 0, state.TokensToClose);
    }

    private static Batch Create(ModalityLayout layout) => SyntheticTokens.CreateBatch(Config, layout, 2, 512, new SeededRandom(7));
}
