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
    public static AudioClip Read(Stream stream, double maxSeconds) => new WavReader(stream, maxSeconds).Read();

    /// <summary>Writes a file of 16-bit PCM, atomically. Samples beyond full scale are clipped.</summary>
    public static void Write(string path, AudioClip clip) => AtomicFile.WriteBytes(path, Encode(clip));

    /// <summary>The bytes of a file of 16-bit PCM.</summary>
    public static byte[] Encode(AudioClip clip)
    {
        var dataBytes = checked(2 * clip.Samples.Length);
        var file = new byte[checked(HeaderBytes + dataBytes)];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), 1); // PCM
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1); // one channel
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), clip.SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), 2 * clip.SampleRate);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 16);
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), dataBytes);
        for (var i = 0; i < clip.Samples.Length; i++)
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(HeaderBytes + (2 * i)), (short)Math.Round(Math.Clamp(clip.Samples[i] * 32768.0, short.MinValue, short.MaxValue)));
        return file;
    }
}
