using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Batching;

/// <summary>Endless training batches: each epoch shuffles the documents anew, puts them end to end, and cuts the result into rows; a document runs on into the next row.
/// Every token is an input exactly once per epoch. Not for several threads at once.</summary>
/// <remarks>A target is the next token of the same document; what follows the end of a document is not predicted. The batches depend on the data, the seed and the shape alone,
/// so a stream opened at another's <see cref="Position"/> continues exactly.</remarks>
public sealed class PackedStream : IBatchSource
{
    private readonly TokenCursor _cursor;
    private readonly int _rowCount;
    private readonly int _length;

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
        (_rowCount, _length) = (rowCount, length);
        _cursor = new(data, seed) { Position = position };
    }

    /// <summary>Where the next batch begins. Setting it moves the stream there.</summary>
    /// <exception cref="MotException">The position is not in this data.</exception>
    public StreamPosition Position
    {
        get => _cursor.Position;
        set => _cursor.Position = value;
    }

    /// <summary>The next batch.</summary>
    /// <exception cref="CorruptFileException">A shard holds ids outside the vocabulary.</exception>
    public Batch Next()
    {
        var buffer = new BatchBuffer(_rowCount, _length);
        while (!buffer.IsFull)
        {
            _cursor.Copy(buffer);
            if (_cursor.IsAtEnd)
                _cursor.StartNextEpoch();
        }
        return buffer.ToBatch();
    }
}
