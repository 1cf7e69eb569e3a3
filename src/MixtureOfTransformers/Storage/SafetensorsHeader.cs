using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace MixtureOfTransformers.Storage;

/// <summary>Reads the header of a safetensors file, trusting nothing in it: after <see cref="Read"/> every tensor lies inside the file and overlaps no other.</summary>
internal static class SafetensorsHeader
{
    /// <summary>The reference implementation's limit on the header's length in bytes.</summary>
    public const int MaxByteCount = 100_000_000;

    /// <summary>The key of the string map in the header.</summary>
    public const string MetadataKey = "__metadata__";

    private const int MaxRank = 64;

    /// <summary>Reads and checks the header.</summary>
    /// <returns>The tensors in file order, the string map, and where the data begins in the file.</returns>
    /// <exception cref="CorruptFileException">Anything about the header is wrong.</exception>
    public static (ImmutableArray<SafetensorsEntry> Entries, ImmutableDictionary<string, string> Metadata, long DataStart) Read(SafeFileHandle file, string path)
    {
        var fileLength = RandomAccess.GetLength(file);
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (fileLength < prefix.Length)
            throw new CorruptFileException(path, $"a file of {fileLength} bytes is too short to be a safetensors file");
        ReadExactly(file, prefix, 0, path);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > MaxByteCount)
            throw new CorruptFileException(path, $"the header claims {headerLength} bytes, more than the limit of {MaxByteCount}; this is not a safetensors file");
        if ((long)headerLength > fileLength - prefix.Length)
            throw new CorruptFileException(path, $"the header claims {headerLength} bytes, but only {fileLength - prefix.Length} follow; the file is truncated");
        var json = new byte[headerLength];
        ReadExactly(file, json, prefix.Length, path);

        var dataStart = prefix.Length + (long)headerLength;
        var entries = ImmutableArray.CreateBuilder<SafetensorsEntry>();
        var metadata = ImmutableDictionary<string, string>.Empty;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            foreach (var property in document.RootElement.EnumerateObject())
                if (property.NameEquals(MetadataKey))
                    metadata = property.Value.EnumerateObject().ToImmutableDictionary(p => p.Name, p => String(p.Value));
                else
                    entries.Add(Entry(property, path));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new CorruptFileException(path, $"the safetensors header is malformed: {error.Message}", error);
        }
        entries.Sort((a, b) => (a.Offset, a.ByteCount).CompareTo((b.Offset, b.ByteCount)));
        ThrowIfNotCovered(entries, fileLength - dataStart, path);
        return (entries.ToImmutable(), metadata, dataStart);
    }

    /// <summary>Fills <paramref name="bytes"/> from <paramref name="position"/> in the file.</summary>
    /// <exception cref="CorruptFileException">The file ends before.</exception>
    public static void ReadExactly(SafeFileHandle file, Span<byte> bytes, long position, string path)
    {
        while (bytes.Length > 0)
        {
            var count = RandomAccess.Read(file, bytes, position);
            if (count == 0)
                throw new CorruptFileException(path, $"the file ends at byte {position}, {bytes.Length} bytes early");
            bytes = bytes[count..];
            position += count;
        }
    }

    private static SafetensorsEntry Entry(JsonProperty property, string path)
    {
        string? type = null;
        ImmutableArray<long>? shape = null, offsets = null;
        foreach (var field in property.Value.EnumerateObject())
            switch (field.Name)
            {
                case "dtype": type = String(field.Value); break;
                case "shape": shape = Numbers(field.Value); break;
                case "data_offsets": offsets = Numbers(field.Value); break;
                default: throw new JsonException($"tensor '{property.Name}' has the unknown field '{field.Name}'");
            }
        if (type is null || shape is not { Length: <= MaxRank } dimensions || offsets is not [var begin, var end])
            throw new JsonException($"tensor '{property.Name}' needs dtype, shape (at most {MaxRank} dimensions) and data_offsets (begin, end)");
        if (!SafetensorsType.TryParse(type, out var scalarType))
            throw new CorruptFileException(path, $"tensor '{property.Name}' has the element type '{type}'; supported are {SafetensorsType.Names}");
        if (ByteCount(dimensions, SafetensorsType.ByteCountOf(scalarType)) is not { } byteCount || byteCount != end - begin)
            throw new CorruptFileException(path, $"tensor '{property.Name}' of type {type} and shape [{string.Join(", ", dimensions)}] does not fit its bytes {begin} to {end}");
        return new(property.Name, scalarType, dimensions, begin, byteCount);
    }

    private static string String(JsonElement value) => value.GetString() ?? throw new JsonException("expected a string, found null");

    private static ImmutableArray<long> Numbers(JsonElement values)
    {
        var numbers = ImmutableArray.CreateBuilder<long>();
        foreach (var value in values.EnumerateArray())
            numbers.Add(value.TryGetInt64(out var number) && number >= 0 ? number : throw new JsonException($"expected a length or an offset, found {value.GetRawText()}"));
        return numbers.ToImmutable();
    }

    /// <summary>Null when the strides of such a tensor would overflow, even if a dimension of zero makes it empty.</summary>
    private static long? ByteCount(ImmutableArray<long> shape, long elementByteCount)
    {
        try
        {
            var extent = elementByteCount;
            foreach (var length in shape)
                extent = checked(extent * Math.Max(length, 1));
            return shape.Contains(0) ? 0 : extent;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static void ThrowIfNotCovered(IEnumerable<SafetensorsEntry> entries, long dataLength, string path)
    {
        var next = 0L;
        foreach (var entry in entries)
        {
            if (entry.Offset != next)
                throw new CorruptFileException(path, $"tensor '{entry.Name}' begins at byte {entry.Offset} of the data; it should begin at {next}, where its predecessor ends");
            next += entry.ByteCount;
            if (next > dataLength)
                throw new CorruptFileException(path, $"tensor '{entry.Name}' ends at byte {next} of the data, but the file holds only {dataLength}; it is truncated");
        }
        if (next != dataLength)
            throw new CorruptFileException(path, $"{dataLength - next} bytes at the end belong to no tensor");
    }
}
