using System.Buffers.Binary;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>The <c>fmt</c> chunk of a WAV file: how samples are written.</summary>
/// <param name="IsFloat">Floating point; otherwise integers, unsigned at 8 bits.</param>
/// <param name="Channels">Channels, interleaved.</param>
/// <param name="SampleRate">Samples per second and channel.</param>
/// <param name="BytesPerSample">1 to 4, or 8.</param>
internal sealed record WavFormat(bool IsFloat, int Channels, int SampleRate, int BytesPerSample)
{
    private const int Pcm = 1;
    private const int IeeeFloat = 3;
    private const int Extensible = 0xFFFE;
    private const int MaxChannels = 64;
    private const int SubformatOffset = 24;

    /// <summary>Bytes of one sample of every channel.</summary>
    public int BytesPerFrame => Channels * BytesPerSample;

    /// <exception cref="MotException">The chunk is too short, names a compressed format, or contradicts itself.</exception>
    public static WavFormat Parse(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length < 16)
            throw new MotException($"damaged WAV: the format chunk has {chunk.Length} bytes, not 16 or more");
        int Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
        var (tag, channels, frameBytes, bits) = (Word(chunk, 0), Word(chunk, 2), Word(chunk, 12), Word(chunk, 14));
        if (tag == Extensible)
            tag = chunk.Length >= SubformatOffset + 2 ? Word(chunk, SubformatOffset) : throw new MotException("damaged WAV: an extensible format without its subformat");
        if (tag is not (Pcm or IeeeFloat))
            throw new MotException($"a WAV of format {tag} is compressed; only PCM (1) and floating point (3) are read: convert it");
        if (channels is < 1 or > MaxChannels)
            throw new MotException($"a WAV of {channels} channels is outside 1 to {MaxChannels}");
        if (tag == Pcm ? bits is not (8 or 16 or 24 or 32) : bits is not (32 or 64))
            throw new MotException($"a WAV of {bits} bits a sample; {(tag == Pcm ? "8, 16, 24 and 32" : "32 and 64 for floating point")} are read: convert it");
        if (frameBytes != channels * bits / 8)
            throw new MotException($"damaged WAV: {channels} channels of {bits} bits take {channels * bits / 8} bytes, but it says {frameBytes}");
        return new(tag == IeeeFloat, channels, AudioClip.CheckedRate(BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..])), bits / 8);
    }

    /// <summary>Frames to samples, the mean of their channels.</summary>
    /// <exception cref="MotException">A sample is not a number.</exception>
    public void Decode(ReadOnlySpan<byte> frames, Span<float> mono)
    {
        for (var i = 0; i < mono.Length; i++)
        {
            var sum = 0.0;
            for (var c = 0; c < Channels; c++)
                sum += Sample(frames.Slice(((i * Channels) + c) * BytesPerSample, BytesPerSample));
            mono[i] = (float)(sum / Channels);
            if (!float.IsFinite(mono[i]))
                throw new MotException("damaged WAV: it holds a sample that is not a number");
        }
    }

    private double Sample(ReadOnlySpan<byte> bytes) => (BytesPerSample, IsFloat) switch
    {
        (1, _) => (bytes[0] - 128) / 128.0,
        (2, _) => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768.0,
        (3, _) => (bytes[0] << 8 | bytes[1] << 16 | bytes[2] << 24) / 2147483648.0,
        (4, false) => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648.0,
        (4, true) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        _ => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
    };
}
