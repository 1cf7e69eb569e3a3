using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Batching;

/// <summary>Endless training batches: each epoch lays the documents out in rows anew (best-fit packing), so that a document is cut only where it is longer than a row.
/// Every token is an input exactly once per epoch. Not for several threads at once.</summary>
/// <remarks>A target is the next token of the same document; what follows the end of a document is not predicted. The batches depend on the data, the seed and the shape alone,
/// so a stream opened at another's <see cref="Position"/> continues exactly.</remarks>
public sealed class PackedStream : IBatchSource
{
    private readonly PreparedSplit _data;
    private readonly int _rowCount;
    private readonly int _length;
    private readonly long _seed;
    private PackingPlan _plan;
    private StreamPosition _position;

    /// <summary>Opens a stream.</summary>
    /// <param name="data">The documents; must outlive the stream.</param>
    /// <param name="rowCount">Rows per batch, B.</param>
    /// <param name="length">Tokens per row, T.</param>
    /// <param name="seed">Decides the order of the documents.</param>
    /// <param name="position">Where to go on; the beginning when left out.</param>
    /// <exception cref="MotException">There are no documents, or the position is not in this data.</exception>
    public PackedStream(PreparedSplit data, int rowCount, int length, long seed, StreamPosition position = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        if (data.DocumentCount == 0)
            throw new MotException("there are no training documents; lower validation_fraction or add data");
        (_data, _rowCount, _length, _seed) = (data, rowCount, length, seed);
        _plan = PackingPlan.Create(data, length, seed, epoch: 0);
        Position = position;
    }

    /// <summary>Where the next batch begins. Setting it moves the stream there.</summary>
    /// <exception cref="MotException">The position is not in this data.</exception>
    public StreamPosition Position
    {
        get => _position;
        set
        {
            var plan = value.Epoch == _position.Epoch || value.Epoch < 0 ? _plan : PackingPlan.Create(_data, _length, _seed, value.Epoch);
            if (value.Epoch < 0 || value.Row < 0 || value.Row >= plan.RowCount)
                throw new MotException($"position {value} is not in this data of {plan.RowCount} rows; the run was started with other data or another sequence_length");
            (_plan, _position) = (plan, value);
        }
    }

    /// <summary>The next batch.</summary>
    /// <exception cref="CorruptFileException">A shard holds ids outside the vocabulary.</exception>
    public Batch Next()
    {
        var buffer = new BatchBuffer(_data, _rowCount, _length);
        while (!buffer.IsFull)
        {
            buffer.AddRow(_plan.Row(_position.Row));
            Position = _position.Row + 1 < _plan.RowCount ? _position with { Row = _position.Row + 1 } : new(_position.Epoch + 1, 0);
        }
        return buffer.ToBatch();
    }
}
