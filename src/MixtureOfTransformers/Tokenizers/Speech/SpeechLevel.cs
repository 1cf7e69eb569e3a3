namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Brings recordings to one level, so that codes need not tell loud from quiet: without their mean (DC) and with a fixed peak.</summary>
/// <param name="Length">Samples of the recording.</param>
/// <param name="Mean">What is taken from each.</param>
/// <param name="Gain">What each is then multiplied by.</param>
internal readonly record struct SpeechLevel(long Length, float Mean, float Gain)
{
    private const float Peak = 0.7f;
    private const float Silence = 1e-3f; // -60 dB: the noise of a silent recording is not made loud

    /// <summary>Reads a recording once.</summary>
    public static SpeechLevel Of(IEnumerable<ReadOnlyMemory<float>> blocks)
    {
        var (length, sum, lowest, highest) = (0L, 0.0, float.MaxValue, float.MinValue);
        foreach (var block in blocks)
        {
            foreach (var sample in block.Span)
            {
                sum += sample;
                lowest = Math.Min(lowest, sample);
                highest = Math.Max(highest, sample);
            }
            length += block.Length;
        }
        if (length == 0)
            return new(0, 0, 1);
        var mean = (float)(sum / length);
        var peak = Math.Max(Math.Abs(lowest - mean), Math.Abs(highest - mean));
        return new(length, mean, peak < Silence ? 1 : Peak / peak);
    }

    /// <summary>The samples at their level, silence after them up to <paramref name="length"/>.</summary>
    public static float[] Normalize(float[] samples, int length)
    {
        var result = new float[length];
        samples.CopyTo(result, 0);
        Of([samples]).Apply(result, 0);
        return result;
    }

    /// <summary>Brings a stretch to the level; what lies before and after the recording stays as it is.</summary>
    /// <param name="samples">The stretch.</param>
    /// <param name="first">Where in the recording it begins; negative before it.</param>
    public void Apply(Span<float> samples, long first)
    {
        var (from, to) = ((int)Math.Clamp(-first, 0, samples.Length), (int)Math.Clamp(Length - first, 0, samples.Length));
        for (var i = from; i < to; i++)
            samples[i] = (samples[i] - Mean) * Gain;
    }
}
