using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation.Analysis;
using MixtureOfTransformers.Evaluation.Causality;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Evaluation.Analysis;

public sealed class StageAnalysesTests
{
    [Fact]
    public void ImageEmbeddingsThatLieApartAndAreLargeAreFoundSo()
    {
        using var scope = NewDisposeScope();
        using var model = Model(imageEmbedding: 3);
        var stages = StageAnalyses.Of(model, Batches(model));
        Assert.Equal(["embedding", "layer 1", "layer 2", "norm"], stages.Select(s => s.Name));
        var embedding = stages[0];
        Assert.InRange(embedding.Separation!.Score, 0.99, 1);
        Assert.Equal(1, embedding.Separation.NearestMeanAccuracy);
        Assert.InRange(embedding.Plane.VarianceShares[0], 0.99, 1);
        Assert.Equal([ModalityId.Text, ModalityId.Image], embedding.Norms.Select(n => n.Modality));
        Assert.Equal(3.2, embedding.Norms[1].Rms, 0.01);
        Assert.True(embedding.Norms[0].Rms < 0.5 && embedding.Norms[1].Largest > 3);
    }

    [Fact]
    public void OneEmbeddingForAllIsNotSeparatedUntilTheTowersAre()
    {
        using var scope = NewDisposeScope();
        using var model = Model(imageEmbedding: 0, spread: 1e-3);
        var stages = StageAnalyses.Of(model, Batches(model));
        Assert.InRange(stages[0].Separation!.Score, 0, 0.2);
        Assert.True(stages[1].Separation!.Score > 0.5, $"{stages[1].Separation}");
    }

    [Fact]
    public void NormsAreThoseOfAllTokensOfTheModality()
    {
        using var scope = NewDisposeScope();
        var norm = ModalityNorm.Of(ModalityId.Text, tensor(new float[] { 3, 4, 0, -5 }).reshape(2, 2));
        Assert.Equal(new ModalityNorm(ModalityId.Text, 2, Math.Sqrt(50 / 4.0), 5), norm);
    }

    [Fact]
    public void NoMoreTokensAreTakenThanAskedForAndNoPadding()
    {
        using var model = Model(imageEmbedding: 3);
        var all = Batches(model).First();
        int[] segments = [.. Enumerable.Range(0, all.Inputs.Length).Select(i => i < 10 ? 0 : Batch.PaddingSegment)];
        Batch[] batches = [new(all.RowCount, all.Length, all.Inputs, all.Modalities, all.Targets, all.TargetModalities, segments)];
        Assert.Equal(10, StageAnalyses.Of(model, batches)[0].Norms.Sum(n => n.Tokens));
        Assert.All(StageAnalyses.Of(model, Batches(model), tokensPerModality: 5)[0].Norms, n => Assert.Equal(5, n.Tokens));
        Assert.Contains("held-out", Assert.Throws<MotException>(() => StageAnalyses.Of(model, [])).Message);
    }

    [Fact]
    public void NothingIsLeftBehind()
    {
        using var model = Model(imageEmbedding: 1);
        StageAnalyses.Of(model, Batches(model));
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        StageAnalyses.Of(model, Batches(model));
        CausalityProbe.Of(model, RandomRows.VocabularyOf(model.Config)).Run(Batches(model).First());
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private static MotModel Model(double imageEmbedding, double spread = 0.02)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator(5);
        var model = TestModels.Create(TestModels.Config(), 1);
        var embeddings = model.named_parameters().Single(p => p.name == "tok_embeddings").parameter;
        embeddings.copy_(randn(embeddings.shape, generator: generator) * spread + (spread * 10));
        embeddings[25..].add_(imageEmbedding);
        return model;
    }

    private static IEnumerable<Batch> Batches(MotModel model) => [.. Enumerable.Range(1, 3).Select(seed => RandomRows.Create(RandomRows.VocabularyOf(model.Config), 4, 32, seed))];
}
