using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>The reference vectors on a GPU.</summary>
public sealed class CudaGoldenTests
{
    [Theory]
    [MemberData(nameof(GoldenBlockTests.Cases), MemberType = typeof(GoldenBlockTests))]
    public void LayerReproducesTheReference(string name, int towers, QkNorm qkNorm) => GoldenBlockTests.Check(name, towers, qkNorm, ScalarType.Float32, 2e-5, CudaDevice.Require());

    [Fact]
    public void FiveTrainingStepsReproduceTheReference() => GoldenTrainingTests.Check(ScalarType.Float32, 1e-5, 1e-3, CudaDevice.Require());
}
