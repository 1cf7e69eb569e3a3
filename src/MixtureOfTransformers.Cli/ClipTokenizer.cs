using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Cli;

/// <summary>The text tokenizer of CLIP (Radford et al. 2021): byte-level BPE in lower case whose words end with <c>&lt;/w&gt;</c>, from <c>vocab.json</c> and <c>merges.txt</c>.</summary>
internal sealed partial class ClipTokenizer
{
    /// <summary>Ids of every text.</summary>
    public const int Length = 77;

    private readonly BpeTokenizer _bpe;
    private readonly int _start, _end;

    /// <summary>Reads both files.</summary>
    /// <exception cref="MotException">One is missing, or they are not those of CLIP.</exception>
    public ClipTokenizer(string folder)
    {
        var vocabulary = JsonFile.Read(Path.Combine(folder, "vocab.json"), ClipJson.Default.DictionaryStringInt32);
        (_start, _end) = (Special("<|startoftext|>"), Special("<|endoftext|>"));
        var merges = Path.Combine(folder, "merges.txt");
        if (!File.Exists(merges))
            throw new MotException($"{merges} does not exist");
        try
        {
            _bpe = BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = File.ReadLines(merges).Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal)), EndOfWordSuffix = "</w>" });
        }
        catch (InvalidOperationException error)
        {
            throw new MotException($"{merges} and vocab.json beside it are no byte-level BPE: {error.Message}", error);
        }

        int Special(string token) => vocabulary.TryGetValue(token, out var id) ? id : throw new MotException($"{Path.Combine(folder, "vocab.json")} has no token {token}; it must be that of CLIP");
    }

    /// <summary>Start, the words as far as they fit, end; then the end again, which is not looked at.</summary>
    /// <returns>77 ids, and 1 for each that counts.</returns>
    public (long[] Ids, long[] Mask) Encode(string text)
    {
        var words = Words().Matches(text.Normalize(NormalizationForm.FormC).ToLowerInvariant()).SelectMany(word => _bpe.EncodeToIds(InAlphabet(word.Value), considerPreTokenization: false, considerNormalization: false));
        long[] ids = [_start, .. words.Take(Length - 2).Select(id => (long)id), _end];
        return ([.. ids, .. Enumerable.Repeat((long)_end, Length - ids.Length)], [.. Enumerable.Range(0, Length).Select(i => i < ids.Length ? 1L : 0L)]);
    }

    private static string InAlphabet(string word) => string.Concat(Encoding.UTF8.GetBytes(word).Select(ByteAlphabet.CharacterOf));

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+")]
    private static partial Regex Words();
}
