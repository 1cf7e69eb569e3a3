using System.Buffers.Binary;
using System.IO.Compression;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>An IDX file of bytes, as MNIST comes in: zero, zero, 8, number of dimensions, their lengths (big-endian int32), the bytes. Gzip is recognised by its first bytes.</summary>
internal sealed class IdxFile : IDisposable
{
    private const string Remedy = "copy or download it again";
    private const int BestCompression = 1032; // of gzip: that many bytes out of one

    private readonly string _path;
    private readonly Stream _stream;

    /// <exception cref="MotException">The file does not exist.</exception>
    /// <exception cref="CorruptFileException">The header is not that of an IDX file of bytes with that many dimensions, or claims more than fits into the file.</exception>
    public IdxFile(string path, int dimensions)
    {
        if (!File.Exists(path))
            throw new MotException($"{path} does not exist; give an IDX file, gzip or not");
        _path = path;
        (_stream, var most) = Open(path);
        try
        {
            Span<byte> header = stackalloc byte[4 + 4 * dimensions];
            Fill(header);
            if (header[0] != 0 || header[1] != 0 || header[2] != 8 || header[3] != dimensions)
                throw new CorruptFileException(path, $"begins with {Convert.ToHexString(header[..4])}, not 000008{dimensions:X2}: not an IDX file of bytes with {dimensions} dimension(s)");
            var lengths = new int[dimensions];
            for (var i = 0; i < dimensions; i++)
                if ((lengths[i] = BinaryPrimitives.ReadInt32BigEndian(header[(4 + 4 * i)..])) < 1)
                    throw new CorruptFileException(path, $"dimension {i} is {lengths[i]}; {Remedy}");
            Lengths = lengths;
            var claimed = header.Length + lengths.Aggregate(Int128.One, (product, length) => product * length);
            if (claimed > most)
                throw new CorruptFileException(path, $"claims to hold {string.Join(" x ", lengths)} bytes, more than fit into its {new FileInfo(path).Length}: truncated or damaged; {Remedy}");
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>The length of each dimension.</summary>
    public IReadOnlyList<int> Lengths { get; }

    /// <summary>The next bytes of the content.</summary>
    /// <exception cref="CorruptFileException">The file ends before, or its compression is damaged.</exception>
    public byte[] Read(int count)
    {
        var bytes = new byte[count];
        Fill(bytes);
        return bytes;
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>The content, and the most bytes that it can have.</summary>
    private static (Stream Content, long Most) Open(string path)
    {
        Stream file = new BufferedStream(File.OpenRead(path), 1 << 16);
        var gzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        return gzip ? (new GZipStream(file, CompressionMode.Decompress), BestCompression * file.Length) : (file, file.Length);
    }

    private void Fill(Span<byte> bytes)
    {
        try
        {
            _stream.ReadExactly(bytes);
        }
        catch (Exception error) when (error is EndOfStreamException or InvalidDataException)
        {
            throw new CorruptFileException(_path, $"truncated or damaged; {Remedy}", error);
        }
    }
}
