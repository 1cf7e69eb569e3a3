using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Batching;

/// <summary>The documents of one side of prepared data, numbered over all its shards; read from memory-mapped files as needed.</summary>
public sealed class PreparedSplit : IDisposable
{
    private readonly List<ShardReader> _shards = [];
    private readonly List<long> _firstDocument = [];

    /// <summary>Opens the shards of <paramref name="side"/>.</summary>
    /// <exception cref="CorruptFileException">A shard is missing, damaged, or not the one that the index describes.</exception>
    internal PreparedSplit(string folder, PreparedSide side, Vocabulary vocabulary)
    {
        (Side, Vocabulary) = (side, vocabulary);
        try
        {
            foreach (var shard in side.Shards)
            {
                var reader = new ShardReader(Path.Combine(folder, shard.File));
                _shards.Add(reader);
                if (reader.TokenCount != shard.TokenCount || reader.DocumentCount != shard.DocumentCount || reader.VectorLength != (vocabulary.VectorRange?.VectorLength ?? 0))
                    throw new CorruptFileException(reader.FilePath, $"holds {reader.TokenCount} tokens in {reader.DocumentCount} documents, but the index says {shard.TokenCount} in {shard.DocumentCount}; delete the folder and prepare the data again");
                _firstDocument.Add(DocumentCount);
                DocumentCount = checked(DocumentCount + (int)reader.DocumentCount);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the index says about this side.</summary>
    public PreparedSide Side { get; }

    /// <summary>The joint vocabulary of the ids.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Documents in all shards.</summary>
    public int DocumentCount { get; private set; }

    /// <summary>Tokens in all shards.</summary>
    public long TokenCount => Side.TokenCount;

    /// <summary>The token ids of a document; valid until this is disposed.</summary>
    /// <param name="document">0 up to <see cref="DocumentCount"/>.</param>
    public ReadOnlySpan<int> Ids(int document)
    {
        var (shard, local) = Find(document);
        return shard.Ids(local);
    }

    /// <summary>The modality indices of a document's tokens; valid until this is disposed.</summary>
    /// <param name="document">0 up to <see cref="DocumentCount"/>.</param>
    public ReadOnlySpan<byte> Modalities(int document)
    {
        var (shard, local) = Find(document);
        return shard.Modalities(local);
    }

    /// <summary>The numbers of a document's tokens that are vectors, one token after the other; valid until this is disposed.</summary>
    /// <param name="document">0 up to <see cref="DocumentCount"/>.</param>
    public ReadOnlySpan<Half> Vectors(int document)
    {
        var (shard, local) = Find(document);
        return shard.Vectors(local);
    }

    /// <summary>Every token once, or the first <paramref name="maxBatches"/> batches, in a mixed order that is always the same; rows are packed as for training.</summary>
    /// <param name="rowCount">Rows per batch, B.</param>
    /// <param name="length">Tokens per row, T.</param>
    /// <param name="maxBatches">Stop after this many.</param>
    public IEnumerable<Batch> OnePass(int rowCount, int length, int maxBatches = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        if (DocumentCount == 0)
            yield break;
        var plan = PackingPlan.Create(this, length, seed: 0, epoch: 0);
        for (var (batch, row) = (0, 0); batch < maxBatches && row < plan.RowCount; batch++)
        {
            var buffer = new BatchBuffer(this, rowCount, length);
            while (!buffer.IsFull && row < plan.RowCount)
                buffer.AddRow(plan.Row(row++));
            yield return buffer.ToBatch();
        }
    }

    /// <summary>Reads all shards and compares their checksums.</summary>
    /// <exception cref="CorruptFileException">A shard is not what was written; the message names it.</exception>
    public void Verify(CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < _shards.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _shards[i].Verify(Side.Shards[i].Sha256);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
    }

    private (ShardReader Shard, long Document) Find(int document)
    {
        var found = _firstDocument.BinarySearch(document);
        var shard = found >= 0 ? found : ~found - 1;
        return (_shards[shard], document - _firstDocument[shard]);
    }
}
