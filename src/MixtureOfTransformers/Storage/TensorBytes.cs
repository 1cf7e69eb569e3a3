using static TorchSharp.torch;

namespace MixtureOfTransformers.Storage;

/// <summary>The memory of a tensor in pieces that fit a span, so that tensors of more than 2^31 bytes work.</summary>
internal static class TensorBytes
{
    /// <summary>Elements per piece.</summary>
    public const long ChunkLength = 1 << 20;

    /// <summary>Views of consecutive elements of <paramref name="tensor"/>; use <c>bytes</c> of each before asking for the next, which disposes it.</summary>
    /// <param name="tensor">A contiguous tensor on the CPU.</param>
    public static IEnumerable<Tensor> Chunks(Tensor tensor)
    {
        using var flat = tensor.view(-1);
        var length = flat.shape[0];
        for (var start = 0L; start < length; start += ChunkLength)
        {
            using var chunk = flat.narrow(0, start, Math.Min(ChunkLength, length - start));
            yield return chunk;
        }
    }
}
