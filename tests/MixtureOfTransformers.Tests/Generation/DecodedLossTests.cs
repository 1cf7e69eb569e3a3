using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Models;
using MixtureOfTransformers.Tests.Training;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Generation;

public sealed class DecodedLossTests
{
    private static MotConfig Wide { get; } = TestModels.Config() with { Dim = 64, FeedForwardDim = 96 };

    [Fact]
    public void InFp32ItIsTheValidationLoss()
    {
        using var model = Trained(steps: 2);
        var batches = Batches(2).Select(Pack).ToArray();
        AssertNear(new Validation(batches).Measure(model, TestContext.Current.CancellationToken), Measure(model, batches, DecodeWeightFormat.Compute), 1e-5);
    }

    [Fact]
    public void Int8MovesTheLossOfATrainedModelLittle()
    {
        using var model = Trained(steps: 40);
        var batches = Batches(8);
        var (exact, rounded) = (Measure(model, batches, DecodeWeightFormat.Compute), Measure(model, batches, DecodeWeightFormat.Int8));
        Assert.True(exact.Loss < 2.5, $"the model has learnt little: {exact.Loss}");
        Assert.NotEqual(exact.Loss, rounded.Loss);
        AssertNear(exact, rounded, 2e-3);
    }

    [Fact]
    public void DataWithoutTargetsAreAnError()
    {
        using var model = Trained(steps: 0);
        Assert.Contains("no validation tokens", Assert.Throws<MotException>(() => Measure(model, [], DecodeWeightFormat.Int8)).Message);
    }

    private static ValidationLoss Measure(MotModel model, IReadOnlyList<Batch> batches, DecodeWeightFormat weights) =>
        DecodedLoss.Measure(model, batches, weights, TestContext.Current.CancellationToken);

    private static void AssertNear(ValidationLoss expected, ValidationLoss actual, double tolerance)
    {
        Assert.Equal(expected.Targets, actual.Targets);
        Assert.Equal(expected.Loss, actual.Loss, tolerance);
        Assert.Equal(expected.ModalityLoss.Keys, actual.ModalityLoss.Keys);
        Assert.All(expected.ModalityLoss, m => Assert.Equal(m.Value, actual.ModalityLoss[m.Key], tolerance));
    }

    private static Batch[] Batches(int count)
    {
        var source = new TestTraining.Batches(seed: 9);
        return [.. Enumerable.Range(0, count).Select(_ => source.Next())];
    }

    /// <summary>The same tokens as two documents a row, which end elsewhere in each row, and padding.</summary>
    private static Batch Pack(Batch batch)
    {
        var segments = batch.Inputs.Select((_, i) => (i % batch.Length) switch { var t when t < 4 + (i / batch.Length) => 0, < 10 => 1, _ => Batch.PaddingSegment }).ToArray();
        var targets = batch.Targets.Select((target, i) => segments[i] == Batch.PaddingSegment ? Batch.IgnoredTarget : target).ToArray();
        return new(batch.RowCount, batch.Length, batch.Inputs, batch.Modalities, targets, batch.TargetModalities, segments);
    }

    private static MotModel Trained(int steps)
    {
        using var generator = new Generator(1);
        var model = new MotModel(Wide, CPU, generator, ScalarType.Float32);
        using var session = new TrainingSession(model, TestTraining.Recipe with { Steps = 100 }, new TestTraining.Batches());
        for (var step = 0; step < steps; step++)
            session.Step();
        return model;
    }
}
