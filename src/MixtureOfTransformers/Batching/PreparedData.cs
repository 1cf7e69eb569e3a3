using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Batching;

/// <summary>A folder of prepared token shards, open for reading.</summary>
public sealed class PreparedData : IDisposable
{
    private PreparedData(string folder, PreparedIndex index)
    {
        (Folder, Index) = (folder, index);
        Train = new(folder, index.Train, index.Vocabulary);
        try
        {
            Validation = new(folder, index.Validation, index.Vocabulary);
        }
        catch
        {
            Train.Dispose();
            throw;
        }
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What the folder holds.</summary>
    public PreparedIndex Index { get; }

    /// <summary>The joint vocabulary of the ids.</summary>
    public Vocabulary Vocabulary => Index.Vocabulary;

    /// <summary>What to train on.</summary>
    public PreparedSplit Train { get; }

    /// <summary>What to measure on.</summary>
    public PreparedSplit Validation { get; }

    /// <summary>Opens a folder; checks the index and the sizes of all shards, not their content (see <see cref="Verify"/>).</summary>
    /// <exception cref="MotException">The folder holds no prepared data, or data of another version.</exception>
    /// <exception cref="CorruptFileException">A shard is missing, truncated or damaged.</exception>
    public static PreparedData Open(string folder)
    {
        var index = ReadIndex(folder) ?? throw new MotException($"{folder} holds no prepared data ({PreparedIndex.FileName} is missing); prepare it first");
        return new(folder, index);
    }

    /// <summary>The validation data in batches, always the same; see <see cref="PreparedSplit.OnePass"/>.</summary>
    public IEnumerable<Batch> ValidationBatches(int rowCount, int length, int maxBatches = int.MaxValue) => Validation.OnePass(rowCount, length, maxBatches);

    /// <summary>Reads all shards and compares their checksums.</summary>
    /// <exception cref="CorruptFileException">A shard is not what was written; the message names it.</exception>
    public void Verify(CancellationToken cancellationToken = default)
    {
        Train.Verify(cancellationToken);
        Validation.Verify(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Train.Dispose();
        Validation.Dispose();
    }

    /// <summary>The index of <paramref name="folder"/>; null when it has none.</summary>
    internal static PreparedIndex? ReadIndex(string folder)
    {
        var path = Path.Combine(folder, PreparedIndex.FileName);
        if (!File.Exists(path))
            return null;
        var index = JsonFile.Read(path, BatchingJson.Default.PreparedIndex);
        if (index.FormatVersion != PreparedIndex.CurrentVersion)
            throw new MotException($"{path}: prepared data of version {index.FormatVersion}, but this program reads version {PreparedIndex.CurrentVersion}; delete the folder and prepare the data again");
        return index with { Vocabulary = index.Vocabulary.Validate() };
    }
}
