namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>A window that moves forwards over sound that comes block by block.</summary>
internal sealed class SlidingSamples(IEnumerable<ReadOnlyMemory<float>> blocks) : IDisposable
{
    private readonly IEnumerator<ReadOnlyMemory<float>> _blocks = blocks.GetEnumerator();
    private readonly List<float> _kept = [];
    private long _first; // of what is kept

    /// <summary>Samples held in memory.</summary>
    public int Held => _kept.Count;

    /// <summary>The samples of a stretch; zeros before and after the sound.</summary>
    /// <param name="from">The first, never before that of an earlier call; may be negative.</param>
    /// <param name="to">The end, not included.</param>
    public float[] Read(long from, long to)
    {
        while (_first + _kept.Count < to && _blocks.MoveNext())
        {
            _kept.AddRange(_blocks.Current.Span);
            var past = (int)Math.Clamp(from - _first, 0, _kept.Count);
            _kept.RemoveRange(0, past);
            _first += past;
        }
        var result = new float[to - from];
        var (start, end) = (Math.Max(from, _first), Math.Min(to, _first + _kept.Count));
        if (start < end)
            _kept.CopyTo((int)(start - _first), result, (int)(start - from), (int)(end - start));
        return result;
    }

    public void Dispose() => _blocks.Dispose();
}
