using MixtureOfTransformers.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed unsafe class TensorMemoryTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void ViewsBeginWhereTheyBegin()
    {
        var x = arange(12, dtype: ScalarType.Int64);
        Assert.Equal(0, *TensorMemory.Pointer<long>(x));
        Assert.Equal(5, *TensorMemory.Pointer<long>(x.narrow(0, 5, 3)));
    }

    [Fact]
    public void TensorsWithGapsAreRefused() => Assert.ThrowsAny<Exception>(() => (nint)TensorMemory.Pointer<float>(zeros(4, 4).t()));

    [Fact]
    public void KernelsReachFp32AndBf16OnTheCpuBelowTwoGibibytes()
    {
        Assert.True(TensorMemory.IsReachable(zeros(1)));
        Assert.True(TensorMemory.IsReachable(zeros(1, ScalarType.BFloat16)));
        Assert.False(TensorMemory.IsReachable(zeros(1, ScalarType.Float64)));
        Assert.False(TensorMemory.IsReachable(zeros(1, device: META)));
        Assert.True(TensorMemory.IsReachable(zeros(1).expand((1L << 29) - 1)));
        Assert.False(TensorMemory.IsReachable(zeros(1).expand(1L << 29)));
    }
}
