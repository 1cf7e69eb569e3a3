using System.Text;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Learns a byte-level BPE vocabulary: bytes first, then again and again the most frequent pair of neighbours within words.</summary>
/// <remarks>Deterministic: the result depends only on how often each word occurs, ties going to the pair of lower ids.</remarks>
public static class BytePairTrainer
{
    /// <summary>Trains a tokenizer.</summary>
    /// <param name="texts">The text to learn from, in any pieces; read until <see cref="TextTokenizerOptions.MaxTrainingBytes"/>.</param>
    /// <param name="options">Vocabulary size and amount of text.</param>
    /// <param name="modalities">The modalities beside text that get begin and end tokens; images when null.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    /// <exception cref="ConfigException">The options are out of range.</exception>
    /// <exception cref="MotException">There is no text.</exception>
    public static TextTokenizer Train(IEnumerable<string> texts, TextTokenizerOptions options, IReadOnlyList<ModalityId>? modalities = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        string[] specials = [.. SpecialTokens.For(modalities ?? [ModalityId.Image])];
        List<string> tokens = [.. specials, .. Enumerable.Range(0, 256).Select(b => ByteAlphabet.CharacterOf((byte)b).ToString())];
        var idOf = new Dictionary<string, int>();
        for (var id = 0; id < tokens.Count; id++)
            idOf.Add(tokens[id], id);

        var words = CountWords(texts, options.MaxTrainingBytes, cancellationToken);
        if (words.Count == 0)
            throw new MotException("there is no text to train a tokenizer on");
        var counts = new BytePairCounts(words.Select(w => (SymbolsOf(w.Key, specials.Length), w.Value)));
        var merges = new List<(string, string)>();
        while (tokens.Count < options.VocabularySize && counts.TakeMostFrequent() is var (left, right))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var token = tokens[left] + tokens[right];
            if (idOf.TryAdd(token, tokens.Count))
                tokens.Add(token);
            merges.Add((tokens[left], tokens[right]));
            counts.Merge(left, right, idOf[token]);
        }
        return new(tokens, specials, merges);
    }

    private static int[] SymbolsOf(string word, int firstByteId) => [.. Encoding.UTF8.GetBytes(word).Select(b => firstByteId + b)];

    private static Dictionary<string, long> CountWords(IEnumerable<string> texts, long maxBytes, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>();
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var text in texts)
            foreach (var match in TextSplit.Words.EnumerateMatches(text))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var word = text.AsSpan(match.Index, match.Length);
                maxBytes -= Encoding.UTF8.GetByteCount(word);
                if (maxBytes < 0)
                    return counts;
                lookup.TryGetValue(word, out var count);
                lookup[word] = count + 1;
            }
        return counts;
    }
}
