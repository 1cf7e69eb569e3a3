using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Tokenizers;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Byte-level BPE: any text becomes ids and comes back unchanged. Safe to use from several threads.</summary>
/// <remarks>Unpaired surrogates, which no UTF-8 can hold, become U+FFFD. Train one with <see cref="BytePairTrainer"/>.</remarks>
public sealed class TextTokenizer
{
    private readonly Dictionary<string, int> _specials;
    private readonly byte[][] _bytes;
    private readonly BpeTokenizer _bpe;

    /// <param name="tokens">All tokens by id, written in the byte alphabet except the special ones.</param>
    /// <param name="specials">The special tokens among them.</param>
    /// <param name="merges">The pairs to merge, first the most urgent.</param>
    /// <exception cref="MotException">The parts do not belong together.</exception>
    internal TextTokenizer(IReadOnlyList<string> tokens, IEnumerable<string> specials, IReadOnlyList<(string Left, string Right)> merges)
    {
        var special = specials.ToHashSet();
        (Tokens, Merges) = ([.. tokens], [.. merges]);
        _specials = Tokens.Select((token, id) => (token, id)).Where(t => special.Contains(t.token)).ToDictionary(t => t.token, t => t.id);
        _bytes = new byte[tokens.Count][];
        var vocabulary = new Dictionary<string, int>();
        for (var id = 0; id < tokens.Count; id++)
        {
            var isSpecial = special.Contains(tokens[id]);
            if (!isSpecial && !vocabulary.TryAdd(tokens[id], id))
                throw new MotException($"the token '{tokens[id]}' occurs twice in the vocabulary");
            _bytes[id] = (isSpecial ? Encoding.UTF8.GetBytes(tokens[id]) : ByteAlphabet.BytesOf(tokens[id]))
                ?? throw new MotException($"the token '{tokens[id]}' is not written in the byte alphabet; only byte-level BPE is supported");
        }
        for (var b = 0; b < 256; b++)
            if (!vocabulary.ContainsKey(ByteAlphabet.CharacterOf((byte)b).ToString()))
                throw new MotException($"the vocabulary lacks the byte {b}; only byte-level BPE is supported");
        foreach (var (left, right) in Merges)
            if (!vocabulary.ContainsKey(left) || !vocabulary.ContainsKey(right) || !vocabulary.ContainsKey(left + right))
                throw new MotException($"the merge '{left} {right}' uses tokens that the vocabulary lacks");

        // The special tokens are withheld from the encoder: text that spells one is ordinary text. The explicit split matters: without it spaces are lost.
        _bpe = BpeTokenizer.Create(new BpeOptions(vocabulary)
        {
            Merges = Merges.Select(m => $"{m.Left} {m.Right}"),
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(TextSplit.Words, null),
        });
        BeginOfSequence = SpecialId(SpecialTokens.BeginOfSequence);
        EndOfSequence = SpecialId(SpecialTokens.EndOfSequence);
        Padding = SpecialId(SpecialTokens.Padding);
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(TextTokenizerFile.Serialize(this)));
    }

    /// <summary>Number of ids.</summary>
    public int Count => Tokens.Length;

    /// <summary>The id that opens a document.</summary>
    public int BeginOfSequence { get; }

    /// <summary>The id that closes a document.</summary>
    public int EndOfSequence { get; }

    /// <summary>The id that fills unused positions.</summary>
    public int Padding { get; }

    /// <summary>The special tokens in id order.</summary>
    public IEnumerable<string> Specials => _specials.OrderBy(s => s.Value).Select(s => s.Key);

    /// <summary>SHA-256 of the vocabulary and merges, in hexadecimal: equal for tokenizers that encode alike.</summary>
    public string Fingerprint { get; }

    internal ImmutableArray<string> Tokens { get; }

    internal ImmutableArray<(string Left, string Right)> Merges { get; }

    /// <summary>Reads <c>tokenizer.json</c>, the Hugging Face format, from a folder.</summary>
    /// <exception cref="MotException">The file is missing, or is not a byte-level BPE with this library's special tokens.</exception>
    public static TextTokenizer Load(string folder) => TextTokenizerFile.Load(folder);

    /// <summary>Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c> in the Hugging Face layout.</summary>
    public void Save(string folder) => TextTokenizerFile.Save(this, folder);

    /// <summary>The id of a special token.</summary>
    /// <exception cref="MotException">The tokenizer has no such token.</exception>
    public int SpecialId(string token) => _specials.TryGetValue(token, out var id) ? id
        : throw new MotException($"the text tokenizer has no special token '{token}'; it has {string.Join(", ", Specials)}. Train it again for all modalities");

    /// <summary>Text to ids. Never gives a special token, whatever the text says.</summary>
    public int[] Encode(string text) => [.. _bpe.EncodeToIds(WithoutLoneSurrogates(text), considerPreTokenization: true, considerNormalization: false)];

    /// <summary>Ids to text. Bytes that are no valid UTF-8, as when a character is cut in two, become U+FFFD.</summary>
    /// <param name="ids">Text ids.</param>
    /// <param name="skipSpecials">Whether special tokens are left out; otherwise their names appear.</param>
    /// <exception cref="MotException">An id is not a text id.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecials = true)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(1, 4 * ids.Length));
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)Count)
                throw new MotException($"id {id} is no text token; text ids are 0 to {Count - 1}");
            if (!skipSpecials || !_specials.ContainsKey(Tokens[id]))
                bytes.Write(_bytes[id]);
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static string WithoutLoneSurrogates(string text)
    {
        foreach (var c in text)
            if (char.IsSurrogate(c))
                return string.Concat(text.EnumerateRunes());
        return text;
    }
}
