using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Batching;

/// <summary>Writes documents to shard files of a bounded size; holds one shard in memory.</summary>
/// <param name="folder">Where the files go.</param>
/// <param name="name">What their names begin with.</param>
/// <param name="tokensPerShard">A shard is written once it holds this many tokens.</param>
/// <param name="vectorLength">Numbers of a token that is a vector; 0 where none is.</param>
public sealed class ShardWriter(string folder, string name, int tokensPerShard = ShardWriter.DefaultTokensPerShard, int vectorLength = 0)
{
    /// <summary>Tokens per shard when nothing else is said: files of 20 MB.</summary>
    public const int DefaultTokensPerShard = 4_000_000;

    private readonly List<int> _ids = [];
    private readonly List<byte> _modalities = [];
    private readonly List<long> _offsets = [0];
    private readonly List<long> _vectorOffsets = [0];
    private readonly List<Half> _vectors = [];
    private readonly List<PreparedShard> _shards = [];
    private readonly long[] _tokensOfModality = new long[256];

    /// <summary>Tokens added so far.</summary>
    public long TokenCount { get; private set; }

    /// <summary>Documents added so far.</summary>
    public long DocumentCount { get; private set; }

    /// <summary>Tokens added so far with that modality index.</summary>
    public long TokenCountOf(byte modality) => _tokensOfModality[modality];

    /// <summary>Adds a document.</summary>
    /// <exception cref="IOException">A full shard cannot be written.</exception>
    public void Add(TokenSequence document)
    {
        _ids.AddRange(document.Ids);
        _modalities.AddRange(document.Modalities);
        _offsets.Add(_ids.Count);
        foreach (var number in document.Vectors)
            _vectors.Add((Half)number);
        _vectorOffsets.Add(vectorLength == 0 ? 0 : _vectors.Count / vectorLength);
        foreach (var modality in document.Modalities)
            _tokensOfModality[modality]++;
        TokenCount += document.Length;
        DocumentCount++;
        if (_ids.Count >= tokensPerShard)
            WriteShard();
    }

    /// <summary>Writes what is left.</summary>
    /// <returns>The shards in order.</returns>
    public ImmutableArray<PreparedShard> Complete()
    {
        if (_ids.Count > 0)
            WriteShard();
        return [.. _shards];
    }

    private void WriteShard()
    {
        var file = $"{name}-{_shards.Count:D5}.shard";
        var documents = _offsets.Count - 1;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AtomicFile.Write(Path.Combine(folder, file), stream =>
        {
            Span<byte> header = stackalloc byte[ShardLayout.HeaderLength];
            header.Clear();
            ShardLayout.Magic.CopyTo(header);
            BinaryPrimitives.WriteInt32LittleEndian(header[8..], ShardLayout.Version);
            BinaryPrimitives.WriteInt32LittleEndian(header[12..], vectorLength);
            BinaryPrimitives.WriteInt64LittleEndian(header[16..], _ids.Count);
            BinaryPrimitives.WriteInt64LittleEndian(header[24..], documents);
            Write(header);
            Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_offsets)));
            Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_ids)));
            Write(CollectionsMarshal.AsSpan(_modalities));
            if (vectorLength > 0)
            {
                Write(new byte[ShardLayout.VectorOffsetsStart(documents, _ids.Count) - ShardLayout.FileLength(documents, _ids.Count)]);
                Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_vectorOffsets)));
                Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_vectors)));
            }

            void Write(ReadOnlySpan<byte> bytes)
            {
                stream.Write(bytes);
                hash.AppendData(bytes);
            }
        });
        _shards.Add(new() { File = file, TokenCount = _ids.Count, DocumentCount = documents, Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()) });
        _ids.Clear();
        _modalities.Clear();
        _offsets.RemoveRange(1, documents);
        _vectors.Clear();
        _vectorOffsets.RemoveRange(1, documents);
    }
}
