using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Storage;

/// <summary>Named tensors in one file, in the safetensors format: a JSON header and raw little-endian data. Files interchange with the format's other implementations.</summary>
public static class Safetensors
{
    /// <summary>Opens a file for reading.</summary>
    /// <returns>The open file; the caller disposes it.</returns>
    /// <exception cref="MotException">The file does not exist.</exception>
    /// <exception cref="CorruptFileException">The file is truncated, damaged or not a safetensors file.</exception>
    public static SafetensorsFile Load(string path) => new(path);

    /// <summary>Copies a file into existing tensors; see <see cref="SafetensorsFile.LoadInto"/>.</summary>
    public static void LoadInto(string path, IReadOnlyDictionary<string, Tensor> targets)
    {
        using var file = Load(path);
        file.LoadInto(targets);
    }

    /// <summary>Writes a file atomically: on any error the old file stays as it was. Equal tensors and metadata give equal bytes.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">The tensors, on any device, contiguous or not; at most one is copied at a time.</param>
    /// <param name="metadata">Written as <c>__metadata__</c>.</param>
    /// <exception cref="IOException">The disk is full or the folder cannot be written.</exception>
    /// <exception cref="NotSupportedException">A tensor has an element type the format lacks.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // As in the reference implementation wide types come first, so that every tensor is aligned to its element type.
        var ordered = tensors.OrderByDescending(t => SafetensorsType.ByteCountOf(t.Value.dtype)).ThenBy(t => t.Key, StringComparer.Ordinal).ToArray();
        var header = Header(ordered, metadata);
        if (header.Length > SafetensorsHeader.MaxByteCount)
            throw new MotException($"{path}: a header of {header.Length} bytes exceeds the format's limit of {SafetensorsHeader.MaxByteCount}; split the tensors over several files");
        AtomicFile.Write(path, stream =>
        {
            Span<byte> prefix = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
            stream.Write(prefix);
            stream.Write(header);
            foreach (var (_, tensor) in ordered)
                Write(stream, tensor);
        });
    }

    private static void Write(Stream stream, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var chunk in TensorBytes.Chunks(tensor.detach().cpu().contiguous()))
            stream.Write(chunk.bytes);
    }

    private static byte[] Header(KeyValuePair<string, Tensor>[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            var offset = 0L;
            foreach (var (name, tensor) in tensors)
            {
                if (name == SafetensorsHeader.MetadataKey)
                    throw new ArgumentException($"a tensor cannot be named {SafetensorsHeader.MetadataKey}", nameof(tensors));
                json.WriteStartObject(name);
                json.WriteString("dtype", SafetensorsType.NameOf(tensor.dtype));
                json.WriteStartArray("shape");
                foreach (var length in tensor.shape)
                    json.WriteNumberValue(length);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.numel() * SafetensorsType.ByteCountOf(tensor.dtype));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }
}
