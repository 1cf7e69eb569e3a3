using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>Recordings of any format that is read, told apart by their first bytes: WAV (<see cref="WavFile"/>), FLAC and Ogg Vorbis.</summary>
public static class AudioFile
{
    /// <summary>The limit of <see cref="Read(string)"/>, in seconds.</summary>
    public const double DefaultMaxSeconds = 7200;

    /// <summary>Reads a file of up to <see cref="DefaultMaxSeconds"/>; see <see cref="Read(string, double)"/>.</summary>
    public static AudioClip Read(string path) => Read(path, DefaultMaxSeconds);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxSeconds">Longer recordings are refused, WAV and FLAC before their sound is read.</param>
    /// <returns>The sound at the file's own rate, channels mixed to one.</returns>
    /// <exception cref="MotException">There is no such file, or see <see cref="Read(Stream, double)"/>; the message names the file.</exception>
    public static AudioClip Read(string path, double maxSeconds) => Use(path, maxSeconds, sound => sound.ToClip());

    /// <summary>Reads a stream, forwards.</summary>
    /// <param name="stream">At its start; stays open.</param>
    /// <param name="maxSeconds">Longer recordings are refused, WAV and FLAC before their sound is read.</param>
    /// <returns>The sound at its own rate, channels mixed to one; at least one sample.</returns>
    /// <exception cref="MotException">It is none of the formats, is truncated, damaged, too long or without sound.</exception>
    public static AudioClip Read(Stream stream, double maxSeconds) => Open(stream, maxSeconds).ToClip();

    /// <summary>Reads a file block by block.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxSeconds">Longer recordings are refused.</param>
    /// <param name="use">Reads the blocks; the file is closed after it.</param>
    /// <returns>What <paramref name="use"/> returned.</returns>
    /// <exception cref="MotException">As for <see cref="Read(string, double)"/>, of the sound as soon as it is read.</exception>
    internal static T Use<T>(string path, double maxSeconds, Func<SoundBlocks, T> use)
    {
        if (!File.Exists(path))
            throw new MotException($"{path} does not exist");
        using var stream = new BufferedStream(File.OpenRead(path), 1 << 16);
        try
        {
            return use(Open(stream, maxSeconds));
        }
        catch (MotException error)
        {
            throw new MotException($"{path}: {error.Message}", error);
        }
    }

    private static SoundBlocks Open(Stream stream, double maxSeconds)
    {
        var start = new byte[4];
        var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read == 0)
            throw new MotException("the file is empty");
        var whole = new RewoundStream(start.AsMemory(0, read), stream);
        if (start.AsSpan().SequenceEqual("fLaC"u8))
            return new FlacReader(whole, maxSeconds).Open();
        if (start.AsSpan().SequenceEqual("OggS"u8))
            return VorbisReading.Open(whole, maxSeconds);
        return new WavReader(whole, maxSeconds).Open();
    }

    internal static MotException TooLong(string length, double maxSeconds) =>
        new(FormattableString.Invariant($"a recording of {length} exceeds the limit of {maxSeconds:0.#} s; cut it into pieces or raise max_seconds"));
}
