using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Whether this thread may use the operations of this folder. Tests and benchmarks turn them off to compare them with torch's operations.</summary>
internal static class FusedKernels
{
    [ThreadStatic]
    private static int _off;

    [ThreadStatic]
    private static int _without; // a bit for each kernel

    /// <summary>Whether they may be used.</summary>
    public static bool AreOn => _off == 0;

    /// <summary>Whether one of them may be used.</summary>
    public static bool Has(FusedKernel kernel) => AreOn && (_without & Bit(kernel)) == 0;

    /// <summary>Whether those of torch's operations that are arranged for GPUs take this tensor: on devices, and in dtypes, whose numbers the kernels do not reach.</summary>
    public static bool StandInFor(Tensor x) => AreOn && !TensorMemory.IsReachable(x);

    /// <summary>Turns them off until the result is disposed.</summary>
    public static IDisposable Off()
    {
        _off++;
        return new Undo(() => _off--);
    }

    /// <summary>Leaves one of them, beside those that are left out already, to torch's operations until the result is disposed.</summary>
    public static IDisposable Without(FusedKernel kernel)
    {
        var before = _without;
        _without |= Bit(kernel);
        return new Undo(() => _without = before);
    }

    private static int Bit(FusedKernel kernel) => 1 << (int)kernel;

    private sealed class Undo(Action undo) : IDisposable
    {
        public void Dispose() => undo();
    }
}
