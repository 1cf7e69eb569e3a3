namespace MixtureOfTransformers.Evaluation.Images;

/// <summary>Captions as sets of numbers, without a vocabulary: each word, each pair of neighbours and every three letters in a row are hashed to one of some thousand numbers, so that new words are
/// like those that they look like (fastText, Bojanowski et al. 2017).</summary>
internal static class CaptionHashes
{
    public const int Count = 4096;
    private const int Letters = 3;

    /// <summary>The numbers of a caption, each below <see cref="Count"/>; at least one.</summary>
    public static long[] Of(string caption)
    {
        var words = CaptionWords.Of(caption);
        var parts = words.Concat(words.Zip(words.Skip(1), (a, b) => $"{a} {b}")).Concat(words.Select(w => $"<{w}>").SelectMany(w => Enumerable.Range(0, w.Length - Letters + 1).Select(i => $"{w.AsSpan(i, Letters)}…")));
        return [.. parts.DefaultIfEmpty("").Select(Hash)];
    }

    /// <summary>FNV-1a, the same on every machine.</summary>
    private static long Hash(string text)
    {
        var hash = 2166136261u;
        foreach (var letter in text)
            hash = (hash ^ letter) * 16777619u;
        return hash % Count;
    }
}
