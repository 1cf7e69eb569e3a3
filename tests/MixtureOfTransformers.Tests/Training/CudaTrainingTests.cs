using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Kernels;
using MixtureOfTransformers.Tests.Models;
using MixtureOfTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Training;

/// <summary>Training on a GPU.</summary>
public sealed class CudaTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void ARunHasTheLossesOfTheCpu()
    {
        var gpu = Losses(CudaDevice.Require(), 30);
        var cpu = Losses(CPU, 30);
        Assert.All(cpu.Zip(gpu), pair => Assert.Equal(pair.First, pair.Second, 2e-3));
        Assert.True(gpu[^1] < gpu[0] - 0.5, $"{gpu[0]} to {gpu[^1]}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ACheckpointOfOneDeviceGoesOnOnTheOther(bool fromGpu)
    {
        var gpu = CudaDevice.Require();
        var (from, to) = fromGpu ? (gpu, CPU) : (CPU, gpu);
        using var model = Model(from);
        using var session = Session(model);
        for (var i = 0; i < 5; i++)
            session.Step();
        var store = new CheckpointStore(_folder.Path);
        store.Save(model, session.Moments(), session.Capture(0, TestTraining.Fingerprint));

        using var other = Model(to, seed: 2);
        using var resumed = Session(other);
        resumed.Restore(store.Open());
        foreach (var (expected, actual) in model.parameters().Zip(other.parameters()))
            FusedLaw.AssertSameBits(expected.detach().cpu(), actual.detach().cpu());
        for (var i = 0; i < 3; i++)
            Assert.Equal(session.Step().Loss, resumed.Step().Loss, 1e-3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void UpdatesAreThoseOfTheCpu(bool decayAll)
    {
        var device = CudaDevice.Require();
        var (cpu, gpu) = (Updated(CPU, decayAll), Updated(device, decayAll));
        Assert.All(cpu.Zip(gpu), pair => FusedLaw.AssertClose("weights and moments", pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void UploadsArriveWhole()
    {
        var device = CudaDevice.Require();
        for (var i = 0; i < 50; i++)
        {
            long[] values = [.. Enumerable.Range(i, 100_000).Select(n => (long)n)];
            using var uploaded = Upload.To(tensor(values), device);
            Assert.Equal(values, uploaded.cpu().data<long>().ToArray());
        }
    }

    private static MotModel Model(Device device, int seed = 1)
    {
        using var drawn = TestTraining.Model(seed);
        return TestModels.On(device, drawn, ScalarType.Float32);
    }

    private static TrainingSession Session(MotModel model) => new(model, TestTraining.Recipe with { Steps = 60 }, new TestTraining.Batches());

    private static double[] Losses(Device device, int steps)
    {
        using var model = Model(device);
        using var session = Session(model);
        return [.. Enumerable.Range(0, steps).Select(_ => session.Step().Loss)];
    }

    /// <summary>Weights and moments after a few updates with made-up gradients, some clipped.</summary>
    private static Tensor[] Updated(Device device, bool decayAll)
    {
        using var model = Model(device);
        using var parameters = new FlatParameters(model);
        using var optimizer = new AdamW(parameters, new() { WeightDecay = 0.1, DecayAll = decayAll });
        for (var step = 0; step < 4; step++)
        {
            parameters.Gradients.copy_(FusedLaw.Random(parameters.Gradients.shape, step));
            optimizer.Step(1e-2, gradientScale: step < 2 ? 1 : 0.3);
            Assert.Equal(0, parameters.Gradients.abs().max().ToSingle());
        }
        return [parameters.Values.cpu(), optimizer.FirstMoments.cpu(), optimizer.SecondMoments.cpu()];
    }
}
