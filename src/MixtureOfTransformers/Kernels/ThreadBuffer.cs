using System.Runtime.CompilerServices;

namespace MixtureOfTransformers.Kernels;

/// <summary>Memory for the intermediate results of one piece of a kernel: one buffer per thread that grows to what was ever asked for and is used again.</summary>
internal static unsafe class ThreadBuffer
{
    private const int AlignmentInBytes = 64;

    [ThreadStatic]
    private static float[]? _buffer;

    /// <summary>This thread's buffer, uninitialised, of at least <paramref name="count"/> numbers, on a cache line. A second call gives the same memory.</summary>
    public static float* Of(int count)
    {
        const int Slack = AlignmentInBytes / sizeof(float);
        if (_buffer is null || _buffer.Length < count + Slack)
            _buffer = GC.AllocateUninitializedArray<float>(count + Slack, pinned: true);
        var start = (nint)Unsafe.AsPointer(ref _buffer[0]);
        return (float*)((start + AlignmentInBytes - 1) & -AlignmentInBytes);
    }
}
