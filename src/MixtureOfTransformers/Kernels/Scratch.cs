using System.Runtime.InteropServices;

namespace MixtureOfTransformers.Kernels;

/// <summary>Working memory of a kernel: zeroed numbers outside the garbage collector's heap, aligned to a cache line, freed with this object.</summary>
internal sealed unsafe class Scratch : IDisposable
{
    private const int CacheLine = 64;

    /// <summary>Room for <paramref name="count"/> fp32 numbers.</summary>
    public Scratch(long count)
    {
        var bytes = (nuint)(count * sizeof(float));
        Numbers = (float*)NativeMemory.AlignedAlloc(bytes, CacheLine);
        NativeMemory.Clear(Numbers, bytes);
    }

    /// <summary>The first number; valid until disposal.</summary>
    public float* Numbers { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(Numbers);
        Numbers = null;
    }
}
