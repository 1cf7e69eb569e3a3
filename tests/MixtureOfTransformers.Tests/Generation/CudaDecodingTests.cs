using MixtureOfTransformers.Models;
using static MixtureOfTransformers.Tests.Generation.TestDecoding;

namespace MixtureOfTransformers.Tests.Generation;

/// <summary>Decoding on a GPU.</summary>
public sealed class CudaDecodingTests
{
    [Theory]
    [InlineData("dense")]
    [InlineData("mot")]
    [InlineData("hybrid")]
    public void CachedLogitsEqualFullRecomputation(string architecture) => CachedDecodingTests.Check(Architectures.Apply(architecture, Config), CudaDevice.Require());
}
