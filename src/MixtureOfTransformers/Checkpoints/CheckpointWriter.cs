using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Checkpoints;

/// <summary>Saves checkpoints without stopping the training: they are copied at once and written on another thread, one at a time and in order.</summary>
/// <remarks>Not for several threads at once. Until a write ends, the copy takes as much main memory as weights and moments: 12 bytes a parameter in fp32. What is
/// on disk is at any moment what <see cref="CheckpointStore"/> promises: a process that is killed in mid-write leaves the checkpoint before it.</remarks>
/// <param name="store">Where they go.</param>
internal sealed class CheckpointWriter(CheckpointStore store)
{
    private Task<string>? _writing;

    /// <summary>Copies a checkpoint and begins to write it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="moments">The optimizer's moments by name.</param>
    /// <param name="state">The state of the run.</param>
    /// <exception cref="InvalidOperationException">The one before was not finished: two at a time would take twice the memory.</exception>
    public void Begin(MotModel model, IReadOnlyDictionary<string, Tensor> moments, CheckpointState state)
    {
        if (_writing is not null)
            throw new InvalidOperationException($"{nameof(Finish)} the checkpoint that is being written before the next");
        var snapshot = CheckpointSnapshot.Of(model, moments, state);
        _writing = Task.Factory.StartNew(() => Write(snapshot), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default); // a thread of its own
    }

    /// <summary>What became of the checkpoint that was begun last; told once.</summary>
    /// <param name="wait">Whether to wait for its end.</param>
    /// <returns>The name of its folder; null while it is written, or when there is none to tell of.</returns>
    /// <exception cref="MotException">The disk is full or cannot be written; earlier checkpoints are as they were.</exception>
    public string? Finish(bool wait)
    {
        if (_writing is not { } ended || (!wait && !ended.IsCompleted))
            return null;
        Wait();
        _writing = null;
        return ended.GetAwaiter().GetResult();
    }

    /// <summary>Waits until nothing is being written, whatever becomes of it.</summary>
    public void Wait()
    {
        if (_writing is not null)
            Task.WaitAny(_writing); // Wait would throw what Finish is to tell
    }

    private string Write(CheckpointSnapshot snapshot)
    {
        using (snapshot)
            return store.Save(snapshot);
    }
}
