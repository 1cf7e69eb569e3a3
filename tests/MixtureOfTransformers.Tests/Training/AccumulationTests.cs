using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Tests.Models;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Training;

/// <summary>Micro-batches add up in <see cref="FlatParameters.Gradients"/> and nowhere else; that the sum is right is in <see cref="TrainingSessionTests"/>.</summary>
public sealed class AccumulationTests
{
    [Fact]
    public void BackwardAddsToTheGradientsWithoutAnotherCopyOfThem() => OwnProcess.Passes(typeof(AccumulationTests), nameof(MeasureGradients));

    [Fact]
    public void MemoryDoesNotGrowWithTheNumberOfMicroBatches() => OwnProcess.Passes(typeof(AccumulationTests), nameof(MeasureMicroBatches));

    /// <summary>The body of <see cref="BackwardAddsToTheGradientsWithoutAnotherCopyOfThem"/>: large weights, few tokens.</summary>
    [Fact(Explicit = true)]
    public void MeasureGradients()
    {
        using var generator = new Generator(1);
        using var model = new MotModel(TestModels.Config() with { Dim = 256, FeedForwardDim = 1024, LayerCount = 8 }, CPU, generator);
        using var parameters = new FlatParameters(model);
        parameters.Gradients.fill_(1); // memory is counted once it is touched
        var bytes = parameters.Gradients.numel() * sizeof(float);
        var start = OwnProcess.PeakBytes;
        foreach (var batch in Batches(3))
        {
            using var scope = NewDisposeScope();
            new NextTokenLoss().Compute(model, batch).Total.backward();
        }
        var growth = OwnProcess.PeakBytes - start;
        Assert.True(growth < bytes / 4, $"{growth >> 10} KiB more for gradients of {bytes >> 10} KiB");
    }

    /// <summary>The body of <see cref="MemoryDoesNotGrowWithTheNumberOfMicroBatches"/>: small weights, many tokens.</summary>
    [Fact(Explicit = true)]
    public void MeasureMicroBatches()
    {
        using var generator = new Generator(1);
        using var model = new MotModel(TestModels.Config() with { LayerCount = 8, MaxSequenceLength = 128 }, CPU, generator);
        using var session = new TrainingSession(model, TestTraining.Recipe, new TestTraining.Batches());
        var before = OwnProcess.PeakBytes;
        session.Step(Batches(8, rows: 8, length: 128));
        var eight = OwnProcess.PeakBytes; // code has its size by now; the first generation of the collector, which may be as large as the last cache, need not have
        session.Step(Batches(48, rows: 8, length: 128));
        var growth = OwnProcess.PeakBytes - eight;
        Assert.True(growth < 2 * (eight - before), $"8: {(eight - before) >> 10} KiB, 48: {growth >> 10} KiB more; forty kept would be five times the former");
    }

    private static Batch[] Batches(int count, int rows = 3, int length = 12)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ => TestTraining.Batches.Make(random, rows, length, imageTokens: true))];
    }
}
