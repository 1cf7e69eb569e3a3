using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Runs several pieces of torch work at the same time, each on a thread of its own with an equal share of the processors.</summary>
/// <remarks>Small models use one core better than many: two side by side on two cores take half the time of one after the other. Dispose scopes and gradient mode
/// belong to a thread, so each piece must make what it uses, or use only tensors that outlive it.</remarks>
internal static class SideBySide
{
    /// <summary>Runs all to the end; the first error is thrown then. With fewer processors than pieces they run one after the other.</summary>
    public static void Run(IReadOnlyList<Action> pieces)
    {
        var threadsEach = Environment.ProcessorCount / pieces.Count;
        if (pieces.Count == 1 || threadsEach == 0)
        {
            foreach (var piece in pieces)
                piece();
            return;
        }
        Run(pieces, pieces.Count, threadsEach);
    }

    /// <summary>Runs all to the end on some workers; each takes the next piece when it is done with one. The first error is thrown at the end.</summary>
    /// <param name="pieces">The work, in the order in which it is begun.</param>
    /// <param name="workers">Pieces at the same time, at least 1.</param>
    /// <param name="threadsEach">Threads of torch for each.</param>
    public static void Run(IReadOnlyList<Action> pieces, int workers, int threadsEach)
    {
        var before = get_num_threads();
        var errors = new Exception?[pieces.Count];
        var next = -1;
        var threads = Enumerable.Range(0, Math.Min(workers, pieces.Count)).Select(i => new Thread(Work) { IsBackground = true, Name = $"side {i}" }).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        set_num_threads(before); // part of the setting is the whole process's
        if (errors.FirstOrDefault(e => e is not null) is { } error)
            ExceptionDispatchInfo.Throw(error);

        void Work()
        {
            for (var i = Interlocked.Increment(ref next); i < pieces.Count; i = Interlocked.Increment(ref next))
                errors[i] = Try(pieces[i], threadsEach);
        }
    }

    private static Exception? Try(Action piece, int threads)
    {
        try
        {
            set_num_threads(threads);
            piece();
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }
}
