using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

/// <summary>Runs code at a number of threads. Its tests run alone: part of the setting is the whole process's.</summary>
[CollectionDefinition(nameof(ThreadCount), DisableParallelization = true)]
public sealed class ThreadCount
{
    internal static T With<T>(int threads, Func<T> work)
    {
        var before = get_num_threads();
        set_num_threads(threads);
        try
        {
            return work();
        }
        finally
        {
            set_num_threads(before);
        }
    }

    internal static void With(int threads, Action work) => With(threads, () =>
    {
        work();
        return 0;
    });
}
