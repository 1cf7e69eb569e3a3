using MixtureOfTransformers.Runtime;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Runtime;

public sealed class GpuInfoTests
{
    [Fact]
    public void TheNameIsThatOfTheDriver() => Assert.Equal("NVIDIA H100 80GB HBM3", GpuInfo.ModelIn(["Model: \t\t NVIDIA H100 80GB HBM3", "IRQ:   \t\t 41"]));

    [Fact]
    public void TheCpuHasNoNameHere() => Assert.Null(GpuInfo.NameOf(CPU));
}
