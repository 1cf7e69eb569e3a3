using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Reads one recording of a source.</summary>
internal static class Recording
{
    /// <summary>The sound at the wanted rate; null where it cannot be used, which is then among the problems.</summary>
    public static AudioClip? Read(MediaArchive archive, string file, double maxSeconds, int sampleRate, string source, ReadProblems problems)
    {
        try
        {
            using var stream = archive.Open(file) ?? throw new MotException("there is no such recording");
            using var buffered = new BufferedStream(stream, 1 << 16);
            return AudioFile.Read(buffered, maxSeconds).AtRate(sampleRate);
        }
        catch (Exception error) when (error is MotException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            problems.Add(source, file, error.Message);
            return null;
        }
    }
}
