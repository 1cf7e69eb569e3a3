namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Brings recordings to one level, so that codes need not tell loud from quiet.</summary>
internal static class SpeechLevel
{
    private const float Peak = 0.7f;
    private const float Silence = 1e-3f; // -60 dB: the noise of a silent recording is not made loud

    /// <summary>The samples without their mean (DC) and with a fixed peak, silence after them up to <paramref name="length"/>.</summary>
    public static float[] Normalize(ReadOnlySpan<float> samples, int length)
    {
        var result = new float[length];
        if (samples.Length == 0)
            return result;
        var sum = 0.0;
        foreach (var sample in samples)
            sum += sample;
        var mean = (float)(sum / samples.Length);
        var peak = 0f;
        foreach (var sample in samples)
            peak = Math.Max(peak, Math.Abs(sample - mean));
        var gain = peak < Silence ? 1 : Peak / peak;
        for (var i = 0; i < samples.Length; i++)
            result[i] = (samples[i] - mean) * gain;
        return result;
    }
}
