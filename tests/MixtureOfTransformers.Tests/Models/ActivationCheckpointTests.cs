using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Tests.Training;
using MixtureOfTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

public sealed class ActivationCheckpointTests
{
    [Theory]
    [InlineData(NormPlacement.Output, ScalarType.Float32, true)]
    [InlineData(NormPlacement.Pre, ScalarType.Float32, true)]
    [InlineData(NormPlacement.Output, ScalarType.BFloat16, true)]
    [InlineData(NormPlacement.Output, ScalarType.Float32, false)] // a tower without tokens
    public void LossAndGradientsAreTheSameBitForBit(NormPlacement placement, ScalarType compute, bool imageTokens)
    {
        using var generator = new Generator(1);
        using var model = new MotModel(TestModels.Config(norm: placement), CPU, generator, compute);
        using var parameters = new FlatParameters(model);
        var whole = TestTraining.Batches.Make(new Random(4), rows: 3, length: 12, imageTokens);
        var packed = new Batch(3, 12, whole.Inputs, whole.Modalities, whole.Targets, whole.TargetModalities, [.. Enumerable.Range(0, 36).Select(i => i % 12 / 5)]);
        foreach (var batch in new[] { whole, packed })
        {
            model.ActivationCheckpointing = false;
            var expected = Backward(model, parameters, batch);
            model.ActivationCheckpointing = true;
            var actual = Backward(model, parameters, batch);
            Assert.Equal(expected.Loss, actual.Loss);
            Assert.Equal(expected.Gradients, actual.Gradients);
            Assert.Contains(actual.Gradients, g => g != 0);
        }
    }

    [Fact]
    public void LayersThatTokensSkipAreRunAgainWithTheSameTokens()
    {
        using var generator = new Generator(1);
        using var model = new MotModel(TestModels.Config() with { MixtureOfDepths = new() }, CPU, generator);
        using var parameters = new FlatParameters(model);
        var batch = TestTraining.Batches.Make(new Random(4), rows: 3, length: 12, imageTokens: true);
        var expected = Backward(model, parameters, batch);
        model.ActivationCheckpointing = true;
        var actual = Backward(model, parameters, batch);
        Assert.Equal(expected.Loss, actual.Loss);
        Assert.Equal(expected.Gradients, actual.Gradients);
    }

    [Fact]
    public void TheRecipeTurnsItOnAndChangesNoWeight()
    {
        var weights = new[] { false, true }.Select(on =>
        {
            using var model = TestTraining.Model();
            using var session = new TrainingSession(model, TestTraining.Recipe with { ActivationCheckpointing = on, Accumulation = 2 }, new TestTraining.Batches());
            Assert.Equal(on, model.ActivationCheckpointing);
            for (var i = 0; i < 3; i++)
                session.Step();
            return model.parameters().SelectMany(p => p.detach().contiguous().data<float>().ToArray()).ToArray();
        }).ToArray();
        Assert.Equal(weights[0], weights[1]);
    }

    [Fact]
    public void StepsLeaveNoTensorBehind()
    {
        using var model = TestTraining.Model();
        using var session = new TrainingSession(model, TestTraining.Recipe with { ActivationCheckpointing = true }, new TestTraining.Batches());
        session.Step();
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var i = 0; i < 5; i++)
            session.Step();
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void PeakMemoryIsLower() => OwnProcess.Passes(typeof(ActivationCheckpointTests), nameof(MeasurePeakMemory));

    /// <summary>The body of <see cref="PeakMemoryIsLower"/>. The peak of a process never falls, so what should take less goes first.</summary>
    [Fact(Explicit = true)]
    public void MeasurePeakMemory()
    {
        const int Tokens = 2048, Length = 128;
        using var generator = new Generator(1);
        using var model = new MotModel(TestModels.Config() with { Dim = 64, FeedForwardDim = 128, LayerCount = 16, MaxSequenceLength = Length }, CPU, generator) { ActivationCheckpointing = true };
        using var parameters = new FlatParameters(model);
        var batch = TestTraining.Batches.Make(new Random(4), Tokens / Length, Length, imageTokens: true);
        var start = OwnProcess.PeakBytes;
        Backward(model, parameters, batch);
        var lower = OwnProcess.PeakBytes - start;
        model.ActivationCheckpointing = false;
        Backward(model, parameters, batch);
        var higher = OwnProcess.PeakBytes - start;
        Assert.True(lower < higher / 2, $"with: {lower >> 10} KiB, without: {higher >> 10} KiB");
    }

    private static (float Loss, float[] Gradients) Backward(MotModel model, FlatParameters parameters, Batch batch)
    {
        using var scope = NewDisposeScope();
        parameters.Gradients.zero_();
        var loss = new NextTokenLoss().Compute(model, batch).Total;
        loss.backward();
        return (loss.item<float>(), parameters.Gradients.data<float>().ToArray());
    }
}
