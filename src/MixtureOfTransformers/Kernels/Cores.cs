using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Runs the pieces of a kernel on all cores that torch may use on this thread, and on torch's own OpenMP threads: two pools of threads on the same cores
/// would wait for each other. A piece must not touch torch.</summary>
internal static unsafe class Cores
{
    private static readonly delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void> OpenMpParallel = Find();

    /// <summary>Runs <paramref name="body"/> for 0 … <paramref name="count"/> - 1, in any order and at the same time.</summary>
    public static void For(int count, Action<int> body)
    {
        var threads = Math.Min(count, get_num_threads());
        if (threads <= 1)
            for (var i = 0; i < count; i++)
                body(i);
        else if (OpenMpParallel is null)
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, body);
        else
            Run(new Job(count, body), threads);
    }

    /// <summary>Cuts <paramref name="count"/> rows into even blocks, a few per core but none smaller than <paramref name="least"/>, and runs <paramref name="body"/>
    /// with the first row of each and the row after its last.</summary>
    public static void ForBlocks(long count, long least, Action<long, long> body)
    {
        const int BlocksPerCore = 4;
        var blocks = (int)Math.Clamp(count / Math.Max(least, 1), 1, get_num_threads() * BlocksPerCore);
        For(blocks, block => body(count * block / blocks, count * (block + 1) / blocks));
    }

    private static void Run(Job job, int threads)
    {
        var handle = GCHandle.Alloc(job);
        OpenMpParallel(&Work, GCHandle.ToIntPtr(handle), (uint)threads, 0);
        handle.Free();
        job.ThrowIfFailed();
    }

    [UnmanagedCallersOnly]
    private static void Work(nint job) => ((Job)GCHandle.FromIntPtr(job).Target!).Run();

    /// <summary>libgomp's entry for a parallel region (libiomp5 has it too), in the library that libtorch has loaded; null where there is none.</summary>
    private static delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void> Find() =>
        (delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void>)LoadedLibrary.Find(file => file.StartsWith("libgomp") || file.StartsWith("libiomp5"), "GOMP_parallel");

    private sealed class Job(int count, Action<int> body)
    {
        private int _next;
        private ExceptionDispatchInfo? _error;

        public void Run()
        {
            try
            {
                for (var i = Interlocked.Increment(ref _next) - 1; i < count; i = Interlocked.Increment(ref _next) - 1)
                    body(i);
            }
            catch (Exception error)
            {
                _error ??= ExceptionDispatchInfo.Capture(error); // it must not cross native frames
            }
        }

        public void ThrowIfFailed() => _error?.Throw();
    }
}
