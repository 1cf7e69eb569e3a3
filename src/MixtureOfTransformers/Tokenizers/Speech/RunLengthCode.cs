namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Runs of equal codes as one code and one duration, so that a steady sound or silence costs two tokens: SpiRit-LM's deduplication, with the durations kept. Durations are codes of
/// their own behind the others: <c>codes + n - 2</c> says that the code before it lasts n tokens.</summary>
/// <param name="codes">How many codes there are without durations.</param>
/// <param name="longestRun">The longest run that one duration can say, at least 2; longer runs are several. 0 for no durations at all.</param>
internal readonly struct RunLengthCode(int codes, int longestRun)
{
    /// <summary>Codes and durations.</summary>
    public int Count => codes + Math.Max(0, longestRun - 1);

    /// <summary>Runs to codes and durations, as the codes come.</summary>
    public IEnumerable<int> Shorten(IEnumerable<int> plain)
    {
        var (code, length) = (0, 0);
        foreach (var next in plain)
        {
            if (length > 0 && length < longestRun && next == code)
            {
                length++;
                continue;
            }
            foreach (var token in Run(code, length))
                yield return token;
            (code, length) = (next, 1);
        }
        foreach (var token in Run(code, length))
            yield return token;
    }

    /// <summary>The inverse. A duration without a code before it, as a model may generate, is left out.</summary>
    public int[] Expand(ReadOnlySpan<int> shortened)
    {
        var result = new List<int>(shortened.Length);
        for (var i = 0; i < shortened.Length; i++)
            if (shortened[i] < codes)
                result.Add(shortened[i]);
            else if (i > 0 && shortened[i - 1] < codes)
                result.AddRange(Enumerable.Repeat(shortened[i - 1], shortened[i] - codes + 1));
        return [.. result];
    }

    private int[] Run(int code, int length) => length switch { 0 => [], 1 => [code], _ => [code, codes + length - 2] };
}
