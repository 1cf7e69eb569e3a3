using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Runs several pieces of torch work at the same time, each on a thread of its own with an equal share of the processors.</summary>
/// <remarks>Small models use one core better than many: two side by side on two cores take half the time of one after the other. Dispose scopes and gradient mode
/// belong to a thread, so each piece must make what it uses, or use only tensors that outlive it. With fewer processors than pieces they run one after the other.</remarks>
internal static class SideBySide
{
    /// <summary>Runs all to the end; the first error is thrown then.</summary>
    public static void Run(IReadOnlyList<Action> pieces)
    {
        var threadsEach = Environment.ProcessorCount / pieces.Count;
        if (pieces.Count == 1 || threadsEach == 0)
        {
            foreach (var piece in pieces)
                piece();
            return;
        }
        var before = get_num_threads();
        var errors = new Exception?[pieces.Count];
        var threads = pieces.Select((piece, i) => new Thread(() => errors[i] = Try(piece, threadsEach)) { IsBackground = true, Name = $"side {i}" }).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        set_num_threads(before); // part of the setting is the whole process's
        if (errors.FirstOrDefault(e => e is not null) is { } error)
            ExceptionDispatchInfo.Throw(error);
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
