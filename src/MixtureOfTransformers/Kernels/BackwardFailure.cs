using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>An error in a hand-written backward pass. It must not cross autograd's native frames, which would end the process: it is kept for the thread that ran the
/// forward pass, the pass goes on without gradients from there, and whoever comes next on that thread throws it: the training step, the optimizer, or the next forward
/// pass. (On a GPU autograd goes back on a thread of its own.)</summary>
internal sealed class BackwardFailure
{
    [ThreadStatic]
    private static BackwardFailure? _ofThisThread;

    private ExceptionDispatchInfo? _first;

    /// <summary>The failure of passes back through what this thread computes.</summary>
    public static BackwardFailure OfThisThread => _ofThisThread ??= new();

    /// <summary>Runs a backward pass; null for every gradient where it fails.</summary>
    /// <param name="inputs">Arguments of the forward pass.</param>
    /// <param name="backward">Computes the gradients.</param>
    public List<Tensor> Guard(int inputs, Func<List<Tensor>> backward)
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

    /// <summary>Throws the error of the last backward pass of this thread, if it had one. The gradients are then incomplete.</summary>
    public static void ThrowIfAny()
    {
        var first = OfThisThread._first;
        OfThisThread._first = null;
        first?.Throw();
    }
}
