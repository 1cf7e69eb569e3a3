namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Puts stretches of sound together that overlap: within the overlap one fades out while the next fades in, at equal power, as their phases have nothing to do with each other.</summary>
/// <param name="overlap">Samples of the overlap.</param>
internal sealed class SoundJoin(int overlap)
{
    private float[] _tail = [];

    /// <summary>The next stretch.</summary>
    /// <param name="stretch">Its samples; unless it is the first, it begins with the overlap.</param>
    /// <param name="isLast">Whether nothing follows; otherwise its end is the overlap with the next.</param>
    /// <returns>What is complete by now.</returns>
    public float[] Add(float[] stretch, bool isLast)
    {
        for (var i = 0; i < _tail.Length; i++)
        {
            var (rising, falling) = Math.SinCos((i + 0.5) / _tail.Length * Math.PI / 2);
            stretch[i] = (float)((_tail[i] * falling) + (stretch[i] * rising));
        }
        var complete = isLast ? stretch.Length : stretch.Length - overlap;
        _tail = stretch[complete..];
        return stretch[..complete];
    }
}
