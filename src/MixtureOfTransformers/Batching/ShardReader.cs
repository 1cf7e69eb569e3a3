using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Batching;

/// <summary>A memory-mapped shard. Opening checks its form and sizes; <see cref="Verify"/> reads all of it. Safe for several threads until disposed.</summary>
public sealed unsafe class ShardReader : IDisposable
{
    private const string Remedy = "delete the folder and prepare the data again";

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private bool _disposed;

    /// <summary>Opens a shard.</summary>
    /// <exception cref="CorruptFileException">The file is missing, truncated or not a shard of this version.</exception>
    public ShardReader(string path)
    {
        FilePath = path;
        var info = new FileInfo(path);
        if (!info.Exists)
            throw new CorruptFileException(path, $"the shard is missing; {Remedy}");
        if (info.Length < ShardLayout.HeaderLength)
            throw new CorruptFileException(path, $"{info.Length} bytes are too few for a token shard; {Remedy}");
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        try
        {
            (TokenCount, DocumentCount, VectorLength) = CheckForm(info.Length);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file.</summary>
    public string FilePath { get; }

    /// <summary>Tokens in the shard.</summary>
    public long TokenCount { get; }

    /// <summary>Documents in the shard.</summary>
    public long DocumentCount { get; }

    /// <summary>Numbers of a token that is a vector; 0 where none is.</summary>
    public int VectorLength { get; }

    private ReadOnlySpan<long> Offsets => new(_start + ShardLayout.OffsetsStart, (int)DocumentCount + 1);

    /// <summary>The token ids of a document; valid until the reader is disposed.</summary>
    public ReadOnlySpan<int> Ids(long document)
    {
        var (first, count) = Bounds(document);
        return new(_start + ShardLayout.IdsStart(DocumentCount) + 4 * first, count);
    }

    /// <summary>The modality indices of a document's tokens; valid until the reader is disposed.</summary>
    public ReadOnlySpan<byte> Modalities(long document)
    {
        var (first, count) = Bounds(document);
        return new(_start + ShardLayout.ModalitiesStart(DocumentCount, TokenCount) + first, count);
    }

    /// <summary>The numbers of a document's tokens that are vectors, one token after the other; valid until the reader is disposed.</summary>
    public ReadOnlySpan<Half> Vectors(long document)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (VectorLength == 0)
            return [];
        var offsets = new ReadOnlySpan<long>(_start + ShardLayout.VectorOffsetsStart(DocumentCount, TokenCount), (int)DocumentCount + 1);
        var (first, end) = (offsets[(int)document], offsets[(int)document + 1]);
        return new(_start + ShardLayout.VectorsStart(DocumentCount, TokenCount) + (2 * first * VectorLength), (int)(end - first) * VectorLength);
    }

    /// <summary>Reads the whole file and compares its checksum.</summary>
    /// <param name="sha256">The checksum from the index, in lower-case hexadecimal.</param>
    /// <exception cref="CorruptFileException">The content is not what was written.</exception>
    public void Verify(string sha256)
    {
        using var stream = File.OpenRead(FilePath);
        var actual = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (actual != sha256)
            throw new CorruptFileException(FilePath, $"the checksum is {actual}, but the index says {sha256}: the file was damaged or changed; {Remedy}");
    }

    /// <summary>Unmaps the file; spans handed out before must not be used any more.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private (long First, int Count) Bounds(long document)
    {
        ObjectDisposedException.ThrowIf(_disposed, this); // the memory is unmapped: reading it would end the process
        var offsets = Offsets;
        return (offsets[(int)document], (int)(offsets[(int)document + 1] - offsets[(int)document]));
    }

    private (long Tokens, long Documents, int VectorLength) CheckForm(long length)
    {
        var header = new ReadOnlySpan<byte>(_start, ShardLayout.HeaderLength);
        if (!header[..8].SequenceEqual(ShardLayout.Magic))
            throw new CorruptFileException(FilePath, $"not a token shard; {Remedy}");
        var version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (version != ShardLayout.Version)
            throw new CorruptFileException(FilePath, $"shard version {version}, but this program reads version {ShardLayout.Version}; {Remedy}");
        var tokens = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        var documents = BinaryPrimitives.ReadInt64LittleEndian(header[24..]);
        var vectorLength = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        if (tokens is < 1 or > int.MaxValue || documents is < 1 or > int.MaxValue - 1 || vectorLength is < 0 or > 1 << 20 || length != FileLength(documents, tokens, vectorLength, length))
            throw new CorruptFileException(FilePath, $"{length} bytes do not fit the {tokens} tokens and {documents} documents of its header: the file is truncated or damaged; {Remedy}");
        var offsets = new ReadOnlySpan<long>(_start + ShardLayout.OffsetsStart, (int)documents + 1);
        for (var i = 1; i < offsets.Length; i++)
            if (offsets[i] <= offsets[i - 1])
                throw new CorruptFileException(FilePath, $"document {i - 1} ends before it begins: the file is damaged; {Remedy}");
        if (offsets[0] != 0 || offsets[^1] != tokens)
            throw new CorruptFileException(FilePath, $"the documents do not cover the tokens: the file is damaged; {Remedy}");
        return (tokens, documents, vectorLength);
    }

    /// <summary>The length that the header asks for.</summary>
    private long FileLength(long documents, long tokens, int vectorLength, long length)
    {
        if (vectorLength == 0)
            return ShardLayout.FileLength(documents, tokens);
        var start = ShardLayout.VectorOffsetsStart(documents, tokens);
        if (length < ShardLayout.VectorsStart(documents, tokens))
            return -1;
        var offsets = new ReadOnlySpan<long>(_start + start, (int)documents + 1);
        for (var i = 1; i < offsets.Length; i++)
            if (offsets[i] < offsets[i - 1])
                return -1;
        return offsets[0] == 0 && offsets[^1] <= tokens ? ShardLayout.FileLength(documents, tokens, offsets[^1], vectorLength) : -1;
    }
}
