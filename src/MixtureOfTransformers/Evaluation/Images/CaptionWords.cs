using System.Text.RegularExpressions;

namespace MixtureOfTransformers.Evaluation.Images;

/// <summary>The words of captions as the measures of captions count them.</summary>
internal static partial class CaptionWords
{
    /// <summary>Words in lower case, without punctuation but for hyphens and apostrophes inside.</summary>
    public static string[] Of(string caption) => [.. Word().Matches(caption.ToLowerInvariant()).Select(m => m.Value)];

    /// <summary>How often each stretch of <paramref name="length"/> words occurs.</summary>
    public static Dictionary<string, int> Stretches(string[] words, int length) =>
        Enumerable.Range(0, Math.Max(0, words.Length - length + 1)).CountBy(first => string.Join(' ', words.AsSpan(first, length)!)).ToDictionary();

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*")]
    private static partial Regex Word();
}
