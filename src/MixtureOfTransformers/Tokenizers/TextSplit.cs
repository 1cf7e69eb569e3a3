using System.Text.RegularExpressions;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>GPT-2's split of text into words, which byte pairs never cross. .NET sees characters beyond U+FFFF as symbols where other implementations may see letters.</summary>
internal static partial class TextSplit
{
    /// <summary>The split as a regular expression; its matches cover the text without gaps.</summary>
    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    public static partial Regex Words { get; }
}
