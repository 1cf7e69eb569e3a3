using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>An error in a hand-written backward pass of this thread. It must not cross autograd's native frames, which would end the process: it is kept, the pass goes on
/// without gradients from there, and whoever comes next throws it: the training step, the optimizer, or the next forward pass.</summary>
internal static class BackwardFailure
{
    [ThreadStatic]
    private static ExceptionDispatchInfo? _first;

    /// <summary>Runs a backward pass; null for every gradient where it fails.</summary>
    /// <param name="inputs">Arguments of the forward pass.</param>
    /// <param name="backward">Computes the gradients.</param>
    public static List<Tensor> Guard(int inputs, Func<List<Tensor>> backward)
    {
        if (_first is null)
        {
            try
            {
                return backward();
            }
            catch (Exception error)
            {
                _first = ExceptionDispatchInfo.Capture(error);
            }
        }
        return [.. Enumerable.Repeat<Tensor>(null!, inputs)];
    }

    /// <summary>Throws the error of the last backward pass, if it had one. The gradients are then incomplete.</summary>
    public static void ThrowIfAny()
    {
        var first = _first;
        _first = null;
        first?.Throw();
    }
}
