using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

[Collection(nameof(ThreadCount))]
public sealed class MatrixAttentionThreadTests
{
    /// <summary>Norm weights, whose gradients are summed over pieces of work, among them.</summary>
    [Fact]
    public void GradientsHaveTheSameBitsOnAnyNumberOfThreads()
    {
        Assert.SkipUnless(MatrixUnit.IsPresent, MatrixUnitTests.Absent);
        using var scope = NewDisposeScope();
        var layout = new AttentionCase([[64, 65, 100, 70], [130, 9, 90, 70]], HeadDim: 64) { Dtype = ScalarType.BFloat16 };
        Tensor[] Gradients(int threads) => ThreadCount.With(threads, () => FusedLaw.Run(layout.Fused, layout.Inputs()));
        var one = Gradients(1);
        foreach (var threads in new[] { 2, 7 })
            Assert.All(one.Zip(Gradients(threads)), pair => FusedLaw.AssertSameBits(pair.First, pair.Second));
    }
}
