using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>How many tensors a pass makes: each is a call of torch, a view, a copy, or a kernel to launch. That none is waited for shows on a GPU alone, in <see cref="CudaModelTests"/>.</summary>
public sealed class OperationCountTests
{
    /// <summary>In a forward and a backward pass; float64 takes the path of a GPU, the others that of the CPU's kernels. Backward passes of torch's own operations are not seen.</summary>
    /// <remarks>The counts are what the code makes today: change one only with the change that alters it, and say there why it is needed.</remarks>
    [Theory]
    [InlineData("dense", ScalarType.Float64, 236)]
    [InlineData("mot", ScalarType.Float64, 354)]
    [InlineData("dense", ScalarType.Float32, 153)]
    [InlineData("mot", ScalarType.Float32, 201)]
    [InlineData("dense", ScalarType.BFloat16, 161)]
    [InlineData("mot", ScalarType.BFloat16, 217)]
    public void ALayerMakesSoManyTensors(string architecture, ScalarType computeType, long expected)
    {
        using var without = FusedKernels.Without(FusedKernel.MatrixUnit);
        Assert.Equal(expected, TensorsOfALayer(architecture, computeType));
    }

    /// <summary>One product of all towers in place of one for each.</summary>
    [Theory]
    [InlineData("dense", 137)]
    [InlineData("mot", 161)]
    public void InTheMatrixUnitALayerMakesFewer(string architecture, long expected)
    {
        Assert.SkipUnless(MatrixUnit.IsPresent, MatrixUnitTests.Absent);
        Assert.Equal(expected, TensorsOfALayer(architecture, ScalarType.BFloat16));
    }

    /// <summary>Whatever the counts are changed to.</summary>
    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void MotMakesFewMoreTensorsThanDense(ScalarType computeType)
    {
        var (dense, mot) = (TensorsOfALayer("dense", computeType), TensorsOfALayer("mot", computeType));
        Assert.True(mot <= 1.6 * dense, $"{mot} in a layer of two towers, {dense} in a dense one");
    }

    private static MotConfig Config(string architecture, int layers) => Architectures.Apply(architecture, FusedModelTests.Config(2, NormPlacement.Output)) with { LayerCount = layers };

    private static long TensorsOfALayer(string architecture, ScalarType computeType) => Tensors(architecture, computeType, layers: 3) - Tensors(architecture, computeType, layers: 2);

    private static long Tensors(string architecture, ScalarType computeType, int layers)
    {
        using var scope = NewDisposeScope();
        using var model = new MotModel(Config(architecture, layers), CPU, new Generator(1), computeType, computeType == ScalarType.Float64 ? computeType : ScalarType.Float32);
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
