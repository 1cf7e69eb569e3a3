using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Whether this thread may use the operations of this folder. Tests and benchmarks turn them off to compare them with torch's operations.</summary>
internal static class FusedKernels
{
    [ThreadStatic]
    private static int _off;

    /// <summary>Whether they may be used.</summary>
    public static bool AreOn => _off == 0;

    /// <summary>Whether those of torch's operations that are arranged for GPUs take this tensor: on devices, and in dtypes, whose numbers the kernels do not reach.</summary>
    public static bool StandInFor(Tensor x) => AreOn && !TensorMemory.IsReachable(x);

    /// <summary>Turns them off until the result is disposed.</summary>
    public static IDisposable Off() => new Switch();

    private sealed class Switch : IDisposable
    {
        public Switch() => _off++;

        public void Dispose() => _off--;
    }
}
