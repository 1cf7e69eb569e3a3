using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>How many tensors a pass makes where the CPU's kernels do not reach, as on a GPU: each is a call of torch, a view or a kernel to launch.</summary>
public sealed class OperationCountTests
{
    [Fact]
    public void MotMakesFewMoreTensorsThanDense()
    {
        var (dense, mot) = (TensorsOfALayer("dense"), TensorsOfALayer("mot"));
        Assert.True(mot <= 1.6 * dense, $"{mot} in a layer of two towers, {dense} in a dense one");
    }

    /// <summary>In a forward and a backward pass, in float64; backward passes of torch's own operations are not seen.</summary>
    private static double TensorsOfALayer(string architecture) => Tensors(architecture, layers: 3) - Tensors(architecture, layers: 2);

    private static long Tensors(string architecture, int layers)
    {
        using var scope = NewDisposeScope();
        var config = Architectures.Apply(architecture, FusedModelTests.Config(2, NormPlacement.Output)) with { LayerCount = layers };
        using var model = TestModels.Create(config, seed: 1);
        FusedModelTests.Loss(model).backward(); // makes the gradients
        var before = Created();
        FusedModelTests.Loss(model).backward();
        return Created() - before;
    }

    private static long Created()
    {
        var statistics = DisposeScopeManager.Statistics.TensorStatistics;
        return statistics.CreatedInScopeCount + statistics.CreatedOutsideScopeCount;
    }
}
