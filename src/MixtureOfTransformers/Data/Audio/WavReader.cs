using System.Buffers.Binary;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>Reads one WAV from a stream, forwards, block by block and only as far as needed: a recording beyond the limit is refused by its header alone.</summary>
internal sealed class WavReader(Stream stream, double maxSeconds)
{
    private const uint OpenEnded = 0x7FFF_0000; // programs that write to a pipe do not know the length and say 0x7FFFF000 or 0xFFFFFFFF
    private const int MaxFormatBytes = 4096;
    private const int MaxEarlyBytes = 1 << 28;
    private const int FramesAtOnce = 1 << 14;
    private const string NoSound = "the WAV holds no sound: its data have no samples";

    private bool _lengthIsUnknown;

    /// <exception cref="MotException">What is wrong with the file.</exception>
    public SoundBlocks Open()
    {
        ReadHeader();
        WavFormat? format = null;
        byte[]? early = null; // sound that came before its format
        var chunk = new byte[8];
        for (; ; )
        {
            if (stream.ReadAtLeast(chunk, 8, throwOnEndOfStream: false) < 8)
                throw new MotException(format is null ? "truncated WAV: it ends before its format" : "truncated WAV: it ends before its sound; there is no data chunk");
            var (name, length) = (BinaryPrimitives.ReadUInt32LittleEndian(chunk), BinaryPrimitives.ReadUInt32LittleEndian(chunk.AsSpan(4)));
            if (name == Name("fmt "u8))
                format = ReadFormat(length);
            else if (name == Name("data"u8) && format is null)
                early = ReadEarly(length);
            else if (name == Name("data"u8))
                return ReadSamples(stream, format!, length);
            else
                Skip(length);
            if (early is not null && format is not null)
                return ReadSamples(new MemoryStream(early), format, (uint)early.Length);
            if (name == Name("fmt "u8) || length % 2 == 0)
                continue;
            stream.ReadByte(); // chunks start at even positions
        }
    }

    private static uint Name(ReadOnlySpan<byte> letters) => BinaryPrimitives.ReadUInt32LittleEndian(letters);

    private void ReadHeader()
    {
        var header = new byte[12];
        var read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read == 0)
            throw new MotException("the file is empty");
        if (!header.AsSpan().StartsWith("RIFF"u8) || (read == header.Length && !header.AsSpan(8).SequenceEqual("WAVE"u8)))
            throw new MotException("not a WAV, FLAC or Ogg Vorbis file; convert it to WAV");
        if (read < header.Length)
            throw new MotException($"truncated WAV: {read} bytes are less than a header");
        _lengthIsUnknown = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4)) is 0 or >= OpenEnded;
    }

    private WavFormat ReadFormat(uint length)
    {
        if (length > MaxFormatBytes)
            throw new MotException($"damaged WAV: a format chunk of {length} bytes");
        var bytes = new byte[length + (length % 2)];
        return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length ? WavFormat.Parse(bytes.AsSpan(0, (int)length))
            : throw new MotException("truncated WAV: it ends within its format");
    }

    private byte[] ReadEarly(uint length)
    {
        if (length > MaxEarlyBytes)
            throw new MotException($"a WAV whose sound of {length} bytes comes before its format; up to {MaxEarlyBytes} are read: convert it");
        var bytes = new byte[length];
        return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length ? bytes : throw new MotException("truncated WAV: it ends within its sound");
    }

    private void Skip(uint length)
    {
        var buffer = new byte[4096];
        for (long left = length; left > 0;)
        {
            var read = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
                throw new MotException("truncated WAV: it ends before its sound");
            left -= read;
        }
    }

    private SoundBlocks ReadSamples(Stream source, WavFormat format, uint length)
    {
        long? declared = length >= OpenEnded || (length == 0 && _lengthIsUnknown) ? null : length / format.BytesPerFrame;
        if (declared == 0)
            throw new MotException(NoSound);
        if (declared > maxSeconds * format.SampleRate)
            throw TooLong(declared.Value, format.SampleRate, "");
        return new(format.SampleRate, declared, Blocks(source, format, declared));
    }

    private IEnumerable<ReadOnlyMemory<float>> Blocks(Stream source, WavFormat format, long? declared)
    {
        var (bytes, mono) = (new byte[FramesAtOnce * format.BytesPerFrame], new float[FramesAtOnce]);
        for (var done = 0L; declared is null || done < declared;)
        {
            var wanted = (int)Math.Min(FramesAtOnce, (declared ?? long.MaxValue) - done);
            var frames = source.ReadAtLeast(bytes.AsSpan(0, wanted * format.BytesPerFrame), wanted * format.BytesPerFrame, throwOnEndOfStream: false) / format.BytesPerFrame;
            format.Decode(bytes, mono.AsSpan(0, frames));
            done += frames;
            if (done > maxSeconds * format.SampleRate)
                throw TooLong(done, format.SampleRate, "more than ");
            if (frames > 0)
                yield return mono.AsMemory(0, frames);
            if (frames == wanted)
                continue;
            if (declared is not null)
                throw new MotException($"truncated WAV: it declares {declared} samples but holds {done}; copy or record it again");
            if (done == 0)
                throw new MotException(NoSound);
            break;
        }
    }

    private MotException TooLong(long samples, int sampleRate, string more) => AudioFile.TooLong(FormattableString.Invariant($"{more}{(double)samples / sampleRate:0.#} s"), maxSeconds);
}
