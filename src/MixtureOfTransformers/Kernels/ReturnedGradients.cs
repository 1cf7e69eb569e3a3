using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Handles of the gradients that the last custom function of this thread returned. Autograd has references of its own by the time that the next one runs.</summary>
internal static class ReturnedGradients
{
    [ThreadStatic]
    private static Tensor?[]? _last;

    public static void Keep(Tensor?[] gradients) => _last = gradients;

    public static void Release()
    {
        foreach (var gradient in _last ?? [])
            gradient?.Dispose();
        _last = null;
    }
}
