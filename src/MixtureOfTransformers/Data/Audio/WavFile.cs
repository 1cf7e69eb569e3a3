using System.Buffers.Binary;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>WAV files: reads PCM of 8, 16, 24 and 32 bits and floating point of 32 and 64 bits, at any rate, channels mixed to one; writes 16-bit PCM. <see cref="AudioFile"/> reads other formats too.</summary>
public static class WavFile
{
    private const int HeaderBytes = 44;

    /// <summary>Reads a stream, forwards and no further than the sound.</summary>
    /// <param name="stream">At its start; stays open.</param>
    /// <param name="maxSeconds">Longer recordings are refused before their sound is read.</param>
    /// <returns>The sound at its own rate, at least one sample.</returns>
    /// <exception cref="MotException">It is not a WAV, is compressed, truncated, damaged, too long or without sound.</exception>
    public static AudioClip Read(Stream stream, double maxSeconds) => new WavReader(stream, maxSeconds).Open().ToClip();

    /// <summary>Writes a file of 16-bit PCM, atomically. Samples beyond full scale are clipped.</summary>
    public static void Write(string path, AudioClip clip) => Write(path, clip.SampleRate, [clip.Samples]);

    /// <summary>Writes a file of 16-bit PCM as its sound comes; it has its name once it is complete. Samples beyond full scale are clipped.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sampleRate">Samples per second.</param>
    /// <param name="blocks">The samples, read once; only one block is held in memory.</param>
    /// <param name="sampleCount">How many there will be, where that is known: too many are then refused before any is made. 0 where it is not.</param>
    /// <exception cref="MotException">The sound is longer than the 4 GB that a WAV can hold; nothing is left of the file.</exception>
    public static void Write(string path, int sampleRate, IEnumerable<float[]> blocks, long sampleCount = 0)
    {
        var expected = Header(sampleRate, 2 * sampleCount);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(expected);
            foreach (var block in blocks)
            {
                ThrowIfTooLong(stream.Position - HeaderBytes + (2L * block.Length));
                stream.Write(Pcm(block));
            }
            var dataBytes = stream.Position - HeaderBytes;
            stream.Position = 0;
            stream.Write(Header(sampleRate, dataBytes));
        });
    }

    /// <summary>The bytes of a file of 16-bit PCM.</summary>
    public static byte[] Encode(AudioClip clip) => [.. Header(clip.SampleRate, 2L * clip.Samples.Length), .. Pcm(clip.Samples)];

    private static byte[] Pcm(float[] samples)
    {
        var bytes = new byte[checked(2 * samples.Length)];
        for (var i = 0; i < samples.Length; i++)
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(2 * i), (short)Math.Round(Math.Clamp(samples[i] * 32768.0, short.MinValue, short.MaxValue)));
        return bytes;
    }

    private static byte[] Header(int sampleRate, long dataBytes)
    {
        ThrowIfTooLong(dataBytes);
        var header = new byte[HeaderBytes];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), (uint)(HeaderBytes + dataBytes - 8));
        "WAVEfmt "u8.CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(20), 1); // PCM
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(22), 1); // one channel
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), sampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(28), 2 * sampleRate);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(34), 16);
        "data"u8.CopyTo(header.AsSpan(36));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), (uint)dataBytes);
        return header;
    }

    private static void ThrowIfTooLong(long dataBytes)
    {
        if (dataBytes > uint.MaxValue - HeaderBytes)
            throw new MotException($"a WAV of {dataBytes} bytes exceeds the {uint.MaxValue} that the format can hold; write it in pieces");
    }
}
