using System.Buffers.Binary;

namespace MixtureOfTransformers.Tests.Data;

/// <summary>Writes IDX files.</summary>
internal static class TestIdx
{
    /// <summary>Writes bytes under a header that claims these dimensions.</summary>
    public static void Write(string path, byte[] content, params int[] lengths)
    {
        var header = new byte[4 + 4 * lengths.Length];
        (header[2], header[3]) = (8, (byte)lengths.Length);
        for (var i = 0; i < lengths.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * i), lengths[i]);
        File.WriteAllBytes(path, [.. header, .. content]);
    }
}
