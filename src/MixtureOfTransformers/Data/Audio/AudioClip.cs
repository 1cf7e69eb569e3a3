using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>Sound in memory: one channel of 32-bit samples, full scale from -1 to 1.</summary>
public sealed class AudioClip
{
    /// <summary>The lowest rate that is taken for one, in samples per second.</summary>
    public const int MinSampleRate = 1000;

    /// <summary>The highest rate that is taken for one, in samples per second.</summary>
    public const int MaxSampleRate = 384_000;

    /// <summary>Wraps <paramref name="samples"/> without copying.</summary>
    /// <param name="samples">The samples, which may be none.</param>
    /// <param name="sampleRate">Samples per second.</param>
    /// <exception cref="MotException">The rate is outside <see cref="MinSampleRate"/> to <see cref="MaxSampleRate"/>.</exception>
    public AudioClip(float[] samples, int sampleRate)
    {
        (Samples, SampleRate) = (samples, CheckedRate(sampleRate));
    }

    /// <summary>The samples; shared, not copied.</summary>
    public float[] Samples { get; }

    /// <summary>Samples per second.</summary>
    public int SampleRate { get; }

    /// <summary>Length in seconds.</summary>
    public double Seconds => (double)Samples.Length / SampleRate;

    /// <summary>This clip at another rate, by <see cref="Resampler"/>; the same object where it has that rate.</summary>
    /// <exception cref="MotException">The rate is out of its limits.</exception>
    public AudioClip AtRate(int sampleRate) => sampleRate == SampleRate ? this : new(Resampler.Resample(Samples, SampleRate, sampleRate), sampleRate);

    /// <summary>A stretch of this clip, copied; shorter where the clip ends.</summary>
    /// <param name="start">The first sample.</param>
    /// <param name="length">Samples, at most.</param>
    public AudioClip Slice(int start, int length) => new(Samples.AsSpan(start, Math.Min(length, Samples.Length - start)).ToArray(), SampleRate);

    /// <summary><paramref name="sampleRate"/>, checked.</summary>
    /// <exception cref="MotException">The rate is outside <see cref="MinSampleRate"/> to <see cref="MaxSampleRate"/>.</exception>
    internal static int CheckedRate(long sampleRate) => sampleRate is >= MinSampleRate and <= MaxSampleRate ? (int)sampleRate
        : throw new MotException($"a rate of {sampleRate} samples per second is outside {MinSampleRate} to {MaxSampleRate}");
}
