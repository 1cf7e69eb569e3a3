using MixtureOfTransformers.Storage;
using NVorbis;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>Reads Ogg Vorbis by the library NVorbis.</summary>
internal static class VorbisReading
{
    private const long MaxBytes = 1 << 30;

    /// <exception cref="MotException">It is damaged, of another codec, too long or without sound.</exception>
    public static AudioClip Read(Stream stream, double maxSeconds)
    {
        using var file = new MemoryStream(); // the library needs to seek
        stream.CopyTo(file);
        if (file.Length > MaxBytes)
            throw new MotException($"an Ogg file of {file.Length} bytes exceeds the limit of {MaxBytes}; cut it into pieces");
        file.Position = 0;
        try
        {
            using var reader = new VorbisReader(file, closeOnDispose: false);
            return Read(reader, maxSeconds);
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException or EndOfStreamException or IndexOutOfRangeException or InvalidOperationException)
        {
            throw new MotException($"damaged Ogg file, or not of the codec Vorbis: {error.Message}", error);
        }
    }

    private static AudioClip Read(VorbisReader reader, double maxSeconds)
    {
        var (channels, rate) = (reader.Channels, AudioClip.CheckedRate(reader.SampleRate));
        var (samples, buffer) = (new List<float>(), new float[channels * 4096]);
        for (int read; (read = reader.ReadSamples(buffer, 0, buffer.Length)) > 0;)
        {
            for (var i = 0; i + channels <= read; i += channels)
            {
                var sum = 0f;
                for (var c = 0; c < channels; c++)
                    sum += buffer[i + c];
                samples.Add(sum / channels);
            }
            if (samples.Count > maxSeconds * rate)
                throw AudioFile.TooLong(FormattableString.Invariant($"more than {maxSeconds:0.#} s"), maxSeconds);
        }
        return samples.Count > 0 ? new([.. samples], rate) : throw new MotException("the Ogg file holds no sound");
    }
}
