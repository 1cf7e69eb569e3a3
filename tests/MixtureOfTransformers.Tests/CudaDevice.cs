using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests;

/// <summary>The GPU for tests; those that ask for it skip where there is none. Their classes have Cuda in their names: <c>--filter-class '*Cuda*'</c> runs them all.</summary>
internal static class CudaDevice
{
    public static Device Require()
    {
        Assert.SkipUnless(cuda.is_available(), "no CUDA device; set MOT_LIBTORCH to a CUDA build of libtorch on a machine with an NVIDIA GPU");
        return new Device("cuda:0");
    }
}
