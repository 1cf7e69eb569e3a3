using System.Buffers.Binary;
using MixtureOfTransformers.Data.Audio;

namespace MixtureOfTransformers.Tests.Data.Audio;

/// <summary>Made sounds, and WAV files of any format put together by hand.</summary>
internal static class TestAudio
{
    public static AudioClip Sine(double hertz, int rate, double seconds = 0.5, double amplitude = 0.5) =>
        new([.. Enumerable.Range(0, (int)(rate * seconds)).Select(i => (float)(amplitude * Math.Sin(2 * Math.PI * hertz * i / rate)))], rate);

    /// <summary>A tone that rises steadily from one frequency to another.</summary>
    public static AudioClip Chirp(double from, double to, int rate, double seconds = 1, double amplitude = 0.5) =>
        new([.. Enumerable.Range(0, (int)(rate * seconds)).Select(i => (double)i / rate)
            .Select(t => (float)(amplitude * Math.Sin(2 * Math.PI * ((from * t) + ((to - from) * t * t / (2 * seconds))))))], rate);

    /// <summary>Root mean square of the middle of a clip, away from its ends.</summary>
    public static double Level(ReadOnlySpan<float> samples)
    {
        var sum = 0.0;
        foreach (var sample in samples[(samples.Length / 4)..(samples.Length * 3 / 4)])
            sum += sample * sample;
        return Math.Sqrt(sum / (samples.Length / 2.0));
    }

    public static byte[] Format(int tag, int channels, int rate, int bits, int? frameBytes = null)
    {
        var chunk = new byte[16];
        BinaryPrimitives.WriteUInt16LittleEndian(chunk, (ushort)tag);
        BinaryPrimitives.WriteUInt16LittleEndian(chunk.AsSpan(2), (ushort)channels);
        BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(4), rate);
        BinaryPrimitives.WriteUInt16LittleEndian(chunk.AsSpan(12), (ushort)(frameBytes ?? channels * bits / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(chunk.AsSpan(14), (ushort)bits);
        return chunk;
    }

    public static byte[] Extensible(int tag, int channels, int rate, int bits)
    {
        byte[] chunk = [.. Format(0xFFFE, channels, rate, bits), 22, 0, (byte)bits, 0, 0, 0, 0, 0, (byte)tag, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];
        return chunk;
    }

    public static byte[] Chunk(string name, byte[] content, uint? declared = null)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, declared ?? (uint)content.Length);
        return [.. System.Text.Encoding.ASCII.GetBytes(name), .. length, .. content, .. content.Length % 2 == 1 ? new byte[1] : []];
    }

    public static byte[] Riff(params byte[][] chunks)
    {
        byte[] body = [.. "WAVE"u8, .. chunks.SelectMany(c => c)];
        return [.. Chunk("RIFF", body)];
    }

    public static AudioClip Read(byte[] file, double maxSeconds = 100) => WavFile.Read(new MemoryStream(file), maxSeconds);
}
