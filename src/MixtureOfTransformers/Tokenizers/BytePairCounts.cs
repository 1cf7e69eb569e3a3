using System.Runtime.InteropServices;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>How often each pair of neighbouring symbols occurs in a weighted set of words, kept up to date while pairs are merged.</summary>
internal sealed class BytePairCounts
{
    private readonly List<Word> _words = [];
    private readonly Dictionary<long, long> _counts = [];
    private readonly Dictionary<long, List<int>> _wordsOf = []; // may name words that lost the pair since
    private readonly PriorityQueue<long, (long NegativeCount, long Pair)> _queue = new(); // counts in it may be too high, never too low

    /// <param name="words">Each distinct word's symbols and how often the word occurs.</param>
    public BytePairCounts(IEnumerable<(int[] Symbols, long Count)> words)
    {
        foreach (var (symbols, count) in words)
        {
            _words.Add(new() { Symbols = symbols, Length = symbols.Length, Count = count });
            for (var i = 1; i < symbols.Length; i++)
                Add(symbols[i - 1], symbols[i], _words.Count - 1, count);
        }
        foreach (var (pair, count) in _counts)
            _queue.Enqueue(pair, (-count, pair));
    }

    /// <summary>Removes and returns the most frequent pair, the one of the lowest ids among equals; null when no pair occurs twice.</summary>
    public (int Left, int Right)? TakeMostFrequent()
    {
        while (_queue.TryDequeue(out var pair, out var priority))
        {
            if (!_counts.TryGetValue(pair, out var count) || count < 2 || -priority.NegativeCount < count)
                continue;
            if (-priority.NegativeCount == count)
                return ((int)(pair >> 32), (int)pair);
            _queue.Enqueue(pair, (-count, pair));
        }
        return null;
    }

    /// <summary>Replaces every occurrence of the pair, from the left of each word, by <paramref name="merged"/>.</summary>
    public void Merge(int left, int right, int merged)
    {
        var pair = Key(left, right);
        _wordsOf.Remove(pair, out var words);
        var grown = new HashSet<long>();
        foreach (var index in words!)
            Merge(index, left, right, merged, grown);
        _counts.Remove(pair);
        foreach (var key in grown)
            if (_counts.TryGetValue(key, out var count) && count > 1)
                _queue.Enqueue(key, (-count, key));
    }

    private void Merge(int index, int left, int right, int merged, HashSet<long> grown)
    {
        ref var word = ref CollectionsMarshal.AsSpan(_words)[index];
        var symbols = word.Symbols;
        var length = 0;
        for (var i = 0; i < word.Length; i++)
        {
            if (symbols[i] != left || i + 1 == word.Length || symbols[i + 1] != right)
            {
                symbols[length++] = symbols[i];
                continue;
            }
            if (length > 0)
            {
                Subtract(symbols[length - 1], left, word.Count);
                grown.Add(Add(symbols[length - 1], merged, index, word.Count));
            }
            if (i + 2 < word.Length)
            {
                Subtract(right, symbols[i + 2], word.Count);
                grown.Add(Add(merged, symbols[i + 2], index, word.Count));
            }
            symbols[length++] = merged;
            i++;
        }
        word.Length = length;
    }

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    private void Subtract(int left, int right, long count) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, Key(left, right), out _) -= count;

    private long Add(int left, int right, int word, long count)
    {
        var pair = Key(left, right);
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += count;
        ref var words = ref CollectionsMarshal.GetValueRefOrAddDefault(_wordsOf, pair, out _);
        words ??= [];
        if (words.Count == 0 || words[^1] != word)
            words.Add(word);
        return pair;
    }

    private struct Word
    {
        public int[] Symbols;
        public int Length;
        public long Count;
    }
}
