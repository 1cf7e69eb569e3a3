using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Evaluation.Causality;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Evaluation.Causality;

public sealed class CausalityProbeTests
{
    private const int Rows = 3, Length = 24;

    [Theory]
    [InlineData(false, ScalarType.Float32)]
    [InlineData(true, ScalarType.Float32)]
    [InlineData(false, ScalarType.Float64)]
    public void DenseAndMotAreCausal(bool dense, ScalarType dtype)
    {
        using var model = Model(dense ? TestModels.Config().AsDense() : TestModels.Config(), dtype);
        var report = CausalityProbe.Of(model, RandomRows.VocabularyOf(model.Config)).Run(Batch(model));
        Assert.Equal(CausalityVerdict.Causal, report.Verdict);
        Assert.Null(report.FirstStage);
        Assert.Equal(12, report.Cases.Length);
        Assert.All(report.Cases, c => Assert.Equal((0, 0), (c.Earlier.Moved, c.OtherRows.Moved)));
        Assert.All(report.Cases, c => Assert.True(c.LaterMaxChange > 1e-3));
        Assert.All(report.Stages, s => Assert.True(s.MaxChange <= s.Tolerance && s.Tolerance < 1e-3 * s.Scale));
    }

    [Fact]
    public void AMaskThatShowsLaterTokensLeaksFromTheFirstLayerOnWithinItsRow()
    {
        using var model = Model(TestModels.Config());
        using var everything = ones(Length, Length, ScalarType.Bool);
        var report = Probe(model, batch => ModelStages.Run(model, batch, everything)).Run(Batch(model));
        Assert.Equal((CausalityVerdict.Leaks, "layer 1"), (report.Verdict, report.FirstStage));
        Assert.All(report.Cases, c => Assert.Equal(("layer 1", 1.0), (c.Earlier.FirstStage, c.Earlier.MovedShare)));
        Assert.All(report.Cases, c => Assert.Equal(0, c.OtherRows.Moved));
        Assert.Equal(0, report.Stages[0].MovedShare); // embeddings see their own token alone
    }

    [Fact]
    public void ATopKOverTheBatchLeaksIntoOtherRows()
    {
        using var model = Model(TestModels.Config());
        var report = Probe(model, batch => WithBestHalf(ModelStages.Run(model, batch), layer: 2)).Run(Batch(model));
        Assert.Equal((CausalityVerdict.Leaks, "layer 2"), (report.Verdict, report.FirstStage));
        Assert.Contains(report.Cases, c => c.OtherRows.Moved > 0);
        Assert.Contains(report.Cases, c => c.Earlier.Moved > 0);
        Assert.All(report.Cases, c => Assert.True(c.OtherRows.MovedShare < 1));
    }

    [Fact]
    public void APeekAtTheNextTokenAloneIsFound()
    {
        using var model = Model(TestModels.Config());
        var report = Probe(model, batch => [.. ModelStages.Run(model, batch).Select(stage_ND => stage_ND + (1e-3 * stage_ND.roll(-1, 0)))]).Run(Batch(model));
        Assert.Equal((CausalityVerdict.Leaks, "embedding"), (report.Verdict, report.FirstStage));
        Assert.All(report.Cases, c => Assert.Equal((1, c.Position + 1), (c.Earlier.Moved, c.Earlier.Positions)));
    }

    [Fact]
    public void OutputsThatNeverMoveProveNothing()
    {
        using var model = Model(TestModels.Config());
        var batch = Batch(model);
        var report = Probe(model, _ => ModelStages.Run(model, batch)).Run(batch);
        Assert.Equal(CausalityVerdict.Inconclusive, report.Verdict);
    }

    [Fact]
    public void AModelThatIsNeverTheSameTwiceProvesNothing()
    {
        using var model = Model(TestModels.Config());
        using var generator = new Generator(3);
        var report = Probe(model, batch => [.. ModelStages.Run(model, batch).Select(stage_ND => stage_ND + (0.1 * randn(stage_ND.shape, generator: generator)))]).Run(Batch(model));
        Assert.Equal(CausalityVerdict.Inconclusive, report.Verdict);
    }

    [Fact]
    public void PaddingIsNeitherChangedNorWatchedAndDocumentsStayApart()
    {
        using var model = Model(TestModels.Config());
        var whole = Batch(model);
        int[] row = [.. Enumerable.Repeat(0, 9), .. Enumerable.Repeat(1, 8), .. Enumerable.Repeat(MixtureOfTransformers.Batching.Batch.PaddingSegment, Length - 17)];
        var packed = new Batch(Rows, Length, whole.Inputs, whole.Modalities, whole.Targets, whole.TargetModalities, [.. Enumerable.Repeat(row, Rows).SelectMany(r => r)]);
        var report = CausalityProbe.Of(model, RandomRows.VocabularyOf(model.Config)).Run(packed);
        Assert.Equal(CausalityVerdict.Causal, report.Verdict);
        Assert.All(report.Cases, c => Assert.Equal((2 * 17, c.Position + 1), (c.OtherRows.Positions, c.Earlier.Positions)));
        Assert.All(report.Cases, c => Assert.InRange(c.Position, 0, 15));
    }

    /// <summary>What an expert that chooses its tokens over the whole batch does: half of all tokens get an addition.</summary>
    private static List<Tensor> WithBestHalf(IReadOnlyList<Tensor> stages, int layer)
    {
        var chosen_N = zeros(Rows * Length).index_fill_(0, stages[layer].sum(-1).topk(Rows * Length / 2).indexes, 1);
        return [.. stages.Select((stage_ND, s) => s < layer ? stage_ND : stage_ND + chosen_N.unsqueeze(-1))];
    }

    private static CausalityProbe Probe(MotModel model, Func<Batch, IReadOnlyList<Tensor>> forward) => new(forward, ModelStages.Names(model.Config), RandomRows.VocabularyOf(model.Config));

    private static MotModel Model(MotConfig config, ScalarType dtype = ScalarType.Float32) => TestModels.Create(config, 1, dtype);

    private static Batch Batch(MotModel model) => RandomRows.Create(RandomRows.VocabularyOf(model.Config), Rows, Length, seed: 2);
}
