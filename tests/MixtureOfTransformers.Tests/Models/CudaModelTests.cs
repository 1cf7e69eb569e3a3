using System.Diagnostics;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>Whole models on a GPU: loss and every gradient are those of the CPU.</summary>
public sealed class CudaModelTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static MatrixTheoryData<string, NormPlacement> Models { get; } = new(["dense", "mot", "moe-4x", "hybrid", "moma-2t2i", "mod-mot", "mod-dense"], [NormPlacement.Output, NormPlacement.Pre]);

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void LossAndGradientsAreThoseOfTheCpu(string architecture, NormPlacement placement) => Check(Config(architecture, 2, placement), ScalarType.Float32, 1e-4);

    [Fact]
    public void ThreeTowersAgreeToo() => Check(Config("mot", 3, NormPlacement.Output), ScalarType.Float32, 1e-4);

    [Fact]
    public void UnequalTowersAgreeToo() => Check(Config("mot", 2, NormPlacement.Output) with { TowerDims = [128, 64], TowerFeedForwardDims = [96, 64] }, ScalarType.Float32, 1e-4);

    [Fact]
    public void LayerNormsOfQueriesAndKeysAgreeToo() => Check(Config("mot", 2, NormPlacement.Output) with { QkNorm = QkNorm.Layer }, ScalarType.Float32, 1e-4);

    [Theory]
    [InlineData("dense", 2)]
    [InlineData("mot", 2)]
    [InlineData("mot", 3)]
    public void InBf16TheyAreClose(string architecture, int modalities) => Check(Config(architecture, modalities, NormPlacement.Output), ScalarType.BFloat16, 6e-2);

    [Fact]
    public void PlainTorchOperationsAgreeToo()
    {
        using var off = FusedKernels.Off();
        Check(Config("mot", 2, NormPlacement.Output), ScalarType.Float32, 1e-4);
    }

    [Fact]
    public void LayersThatRunAgainGiveTheSameGradients() => Check(Config("mot", 2, NormPlacement.Output), ScalarType.Float32, 1e-4, model => model.ActivationCheckpointing = true);

    [Fact]
    public void ForwardAndBackwardDoNotWaitForTheDevice()
    {
        var device = CudaDevice.Require();
        var model = TestModels.On(device, TestModels.Create(Config("mot", 2, NormPlacement.Output), 4), ScalarType.Float32);
        var a_DD = rand([8192, 8192], device: device);
        Assert.True(MillisecondsBehind(0) < 2000); // makes buffers and handles
        Assert.True(MillisecondsBehind(0) < 2000);
        var time = MillisecondsBehind(60);
        var start = Stopwatch.GetTimestamp();
        cuda.synchronize(device);
        var left = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Assert.True(left > 2 * time, $"the pass returned after {time:0} ms, and the device was busy for another {left:0} ms");

        double MillisecondsBehind(int products)
        {
            using var scope = NewDisposeScope();
            cuda.synchronize(device);
            for (var i = 0; i < products; i++)
                a_DD.mm(a_DD).Dispose(); // 20 ms or more each
            var start = Stopwatch.GetTimestamp();
            FusedModelTests.Loss(model).backward();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
    }

    [Fact]
    public void AnErrorInBackwardReachesTheThreadThatRanForward()
    {
        var x = rand([4, 8], device: CudaDevice.Require()).requires_grad_();
        var sum = Rearrangement.Apply(x, tensor([3L, 2, 1, 0], device: x.device), tensor([3L, 2, 1, 0], device: x.device)).sum();
        sum.backward(retain_graph: true);
        BackwardFailure.ThrowIfAny();
        sum.backward(); // what the first pass used is gone
        Assert.ThrowsAny<Exception>(BackwardFailure.ThrowIfAny);
    }

    [Fact]
    public void StepsLeaveNoTensorsBehind()
    {
        var model = TestModels.On(CudaDevice.Require(), TestModels.Create(Config("mot", 2, NormPlacement.Output), 4), ScalarType.Float32);
        Step(); // makes the gradients
        Step();
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        Step();
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);

        void Step()
        {
            using var scope = NewDisposeScope();
            FusedModelTests.Loss(model).backward();
        }
    }

    private static MotConfig Config(string architecture, int modalities, NormPlacement placement) => Architectures.Apply(architecture, FusedModelTests.Config(modalities, placement));

    private static void Check(MotConfig config, ScalarType computeType, double tolerance, Action<MotModel>? change = null)
    {
        var device = CudaDevice.Require();
        var drawn = TestModels.Create(config, seed: 4);
        var exact = TestModels.On(CPU, drawn, ScalarType.Float32);
        var own = TestModels.On(device, drawn, computeType);
        change?.Invoke(own);
        FusedLaw.AssertClose("loss", FusedModelTests.Loss(exact), FusedModelTests.Loss(own), tolerance / 10);
        Assert.All(FusedModelTests.Gradients(exact).Zip(FusedModelTests.Gradients(own)), pair => FusedLaw.AssertClose(pair.First.Name, pair.First.Gradient, pair.Second.Gradient, tolerance));
    }
}
