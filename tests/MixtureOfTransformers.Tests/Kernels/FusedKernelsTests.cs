using MixtureOfTransformers.Kernels;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed class FusedKernelsTests
{
    [Fact]
    public void WhatIsLeftOutInsideIsBackAtItsEnd()
    {
        using (FusedKernels.Without(FusedKernel.Norm))
        {
            using (FusedKernels.Without(FusedKernel.SwiGlu))
                Assert.Equal([FusedKernel.Norm, FusedKernel.SwiGlu], LeftOut());
            Assert.Equal([FusedKernel.Norm], LeftOut());
        }
        Assert.Empty(LeftOut());
    }

    private static IEnumerable<FusedKernel> LeftOut() => Enum.GetValues<FusedKernel>().Where(kernel => !FusedKernels.Has(kernel));
}
