using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace MixtureOfTransformers.Batching;

/// <summary>Builds the next batches of another source on a thread of its own while the present one is trained on. The batches, their order and every
/// <see cref="Position"/> are the other source's own, so that a run resumes exactly whether it reads ahead or not.</summary>
/// <remarks>For one reader at a time. The thread starts at the first <see cref="Next"/>; while it runs nobody else may use the source, and whenever it does not, the
/// source stands where the next batch begins. Holds the batches that are ahead, plain arrays of 22 bytes a token, and of 4 for each number of a token that is a vector.</remarks>
public sealed class PrefetchedSource : IBatchSource, IDisposable
{
    private const int DefaultAhead = 2;

    private readonly IBatchSource _source;
    private readonly int _ahead;
    private ReadAhead? _running;
    private StreamPosition _position;
    private bool _disposed;

    /// <summary>Wraps a source.</summary>
    /// <param name="source">Makes the batches; stays the caller's, and must outlive this.</param>
    /// <param name="ahead">Batches to keep ready, at least 1; one more may be in the making.</param>
    public PrefetchedSource(IBatchSource source, int ahead = DefaultAhead)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ahead, 1);
        (_source, _ahead, _position) = (source, ahead, source.Position);
    }

    /// <summary>Where the next batch that <see cref="Next"/> returns begins; what was read ahead does not count. Setting it drops that.</summary>
    public StreamPosition Position
    {
        get => _position;
        set
        {
            Stop();
            (_source.Position, _position) = (value, value);
        }
    }

    /// <summary>The next batch; waits where none is ready.</summary>
    /// <remarks>Throws what the source threw at this batch; the place stays, so that the next call tries it again.</remarks>
    public Batch Next()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _running ??= new(_source, _ahead);
        var made = _running.Take();
        if (made.Error is not null)
        {
            Stop();
            made.Error.Throw();
        }
        _position = made.After;
        return made.Batch!;
    }

    /// <summary>Stops the thread, once the batch in the making is done.</summary>
    public void Dispose()
    {
        _disposed = true;
        Stop();
    }

    private void Stop()
    {
        if (_running is null)
            return;
        _running.Dispose();
        _running = null;
        _source.Position = _position;
    }

    /// <summary>A batch with the place after it, or why there is none.</summary>
    private readonly record struct Made(Batch? Batch, StreamPosition After, ExceptionDispatchInfo? Error);

    /// <summary>The thread and the batches that it has ready; it ends at its first error.</summary>
    private sealed class ReadAhead : IDisposable
    {
        private readonly IBatchSource _source;
        private readonly BlockingCollection<Made> _ready;
        private readonly CancellationTokenSource _stop = new();
        private readonly Thread _thread;

        public ReadAhead(IBatchSource source, int ahead)
        {
            (_source, _ready) = (source, new(ahead));
            _thread = new(Fill) { IsBackground = true, Name = "read ahead" };
            _thread.Start();
        }

        public Made Take() => _ready.Take();

        public void Dispose()
        {
            _stop.Cancel();
            _thread.Join();
            _ready.Dispose();
            _stop.Dispose();
        }

        private void Fill()
        {
            try
            {
                for (var made = Make(); ; made = Make())
                {
                    _ready.Add(made, _stop.Token);
                    if (made.Error is not null)
                        return;
                }
            }
            catch (OperationCanceledException)
            {
                // Nobody wants the batch.
            }
        }

        private Made Make()
        {
            try
            {
                return new(_source.Next(), _source.Position, null);
            }
            catch (Exception error)
            {
                return new(null, default, ExceptionDispatchInfo.Capture(error));
            }
        }
    }
}
