using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Runs several pieces of torch work at the same time, each on a thread of its own with an equal share of the processors.</summary>
/// <remarks>Small models use one core better than many: two side by side on two cores take half the time of one after the other. Dispose scopes and gradient mode
/// belong to a thread, so each piece must make what it uses, or use only tensors that outlive it.</remarks>
internal static class SideBySide
{
    /// <summary>Runs all to the end, or until one fails. With fewer processors than pieces they run one after the other.</summary>
    /// <param name="pieces">The work; each looks often at the token that it is given.</param>
    /// <param name="cancellation">Stops all.</param>
    public static void Run(IReadOnlyList<Action<CancellationToken>> pieces, CancellationToken cancellation)
    {
        var threadsEach = Environment.ProcessorCount / pieces.Count;
        if (pieces.Count == 1 || threadsEach == 0)
        {
            foreach (var piece in pieces)
                piece(cancellation);
            return;
        }
        Run(pieces, pieces.Count, threadsEach, cancellation);
    }

    /// <summary>Runs all to the end on some workers; each takes the next piece when it is done with one. When one fails the others are told to stop, and its error is thrown.</summary>
    /// <param name="pieces">The work, in the order in which it is begun; each looks often at the token that it is given.</param>
    /// <param name="workers">Pieces at the same time, at least 1.</param>
    /// <param name="threadsEach">Threads of torch for each.</param>
    /// <param name="cancellation">Stops all.</param>
    public static void Run(IReadOnlyList<Action<CancellationToken>> pieces, int workers, int threadsEach, CancellationToken cancellation)
    {
        var before = get_num_threads();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var errors = new ConcurrentQueue<Exception>();
        var next = -1;
        var threads = Enumerable.Range(0, Math.Min(workers, pieces.Count)).Select(i => new Thread(Work) { IsBackground = true, Name = $"side {i}" }).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        set_num_threads(before); // part of the setting is the whole process's
        if (errors.TryPeek(out var first))
            ExceptionDispatchInfo.Throw(first);
        cancellation.ThrowIfCancellationRequested();

        void Work()
        {
            for (var i = Interlocked.Increment(ref next); i < pieces.Count && !stop.IsCancellationRequested; i = Interlocked.Increment(ref next))
            {
                try
                {
                    set_num_threads(threadsEach);
                    pieces[i](stop.Token);
                }
                catch (Exception error)
                {
                    errors.Enqueue(error); // before the others stop: theirs come after it
                    stop.Cancel();
                }
            }
        }
    }
}
