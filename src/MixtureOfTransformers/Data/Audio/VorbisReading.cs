using MixtureOfTransformers.Storage;
using NVorbis;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>Reads Ogg Vorbis by the library NVorbis.</summary>
internal static class VorbisReading
{
    private const long MaxBytes = 1 << 30;
    private const int FramesAtOnce = 4096;

    /// <summary>Reads the file into memory, compressed as it is, as the library needs to seek; the sound is then decoded block by block.</summary>
    /// <param name="stream">At its start; no more than <paramref name="maxBytes"/> of it are held.</param>
    /// <param name="maxSeconds">Longer sound is refused.</param>
    /// <param name="maxBytes">The largest file.</param>
    /// <exception cref="MotException">It is damaged, of another codec, too large, too long or without sound.</exception>
    public static SoundBlocks Open(Stream stream, double maxSeconds, long maxBytes = MaxBytes)
    {
        var file = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            if (file.Length + read > maxBytes)
                throw new MotException($"an Ogg file exceeds the limit of {maxBytes} bytes; cut it into pieces");
            file.Write(buffer, 0, read);
        }
        file.Position = 0;
        var reader = Guarded(() => new VorbisReader(file, closeOnDispose: true));
        return new(AudioClip.CheckedRate(reader.SampleRate), null, Blocks(reader, maxSeconds));
    }

    private static IEnumerable<ReadOnlyMemory<float>> Blocks(VorbisReader opened, double maxSeconds)
    {
        using var reader = opened;
        var (channels, buffer) = (reader.Channels, new float[reader.Channels * FramesAtOnce]);
        var (mono, done) = (new float[FramesAtOnce], 0L);
        for (int frames; (frames = Guarded(() => reader.ReadSamples(buffer, 0, buffer.Length)) / channels) > 0;)
        {
            for (var i = 0; i < frames; i++)
            {
                var sum = 0f;
                for (var c = 0; c < channels; c++)
                    sum += buffer[(i * channels) + c];
                mono[i] = sum / channels;
            }
            done += frames;
            if (done > maxSeconds * reader.SampleRate)
                throw AudioFile.TooLong(FormattableString.Invariant($"more than {maxSeconds:0.#} s"), maxSeconds);
            yield return mono.AsMemory(0, frames);
        }
        if (done == 0)
            throw new MotException("the Ogg file holds no sound");
    }

    private static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException or EndOfStreamException or IndexOutOfRangeException or InvalidOperationException)
        {
            throw new MotException($"damaged Ogg file, or not of the codec Vorbis: {error.Message}", error);
        }
    }
}
