namespace MixtureOfTransformers.Kernels;

/// <summary>Which keys each token sees, without a mask: the documents of a batch, each a run of tokens in sequence order, and how far a query sees within its own.</summary>
internal sealed class AttentionSpans
{
    private AttentionSpans(int[] starts, int[] lengths, int[]? limits, int[]? places = null)
    {
        (Starts, Lengths, Limits, Places) = (starts, lengths, limits, places);
        Longest = lengths.Max();
        TokenCount = lengths.Sum();
    }

    /// <summary>First token of each document.</summary>
    public int[] Starts { get; }

    /// <summary>Tokens of each document.</summary>
    public int[] Lengths { get; }

    /// <summary>Tokens of the longest document.</summary>
    public int Longest { get; }

    /// <summary>Tokens of all documents, without padding.</summary>
    public int TokenCount { get; }

    /// <summary>For each token the number of keys that it sees, counted from the start of its document; never falling within a document. Null for causal attention.</summary>
    public int[]? Limits { get; }

    /// <summary>For each token its position in its document, where some of the document's tokens are left out; null where they follow each other.</summary>
    public int[]? Places { get; }

    /// <summary>The spans of some tokens alone: each sees those of its document up to itself, and keeps its position there.</summary>
    /// <param name="tokens">Places in the batch, rising; at least one.</param>
    /// <param name="documentStarts">For each token of the batch the first of its document.</param>
    public static AttentionSpans OfTokens(ReadOnlySpan<int> tokens, ReadOnlySpan<int> documentStarts)
    {
        var (starts, places) = (new List<int>(), new int[tokens.Length]);
        for (var i = 0; i < tokens.Length; i++)
        {
            places[i] = tokens[i] - documentStarts[tokens[i]];
            if (i == 0 || documentStarts[tokens[i]] != documentStarts[tokens[i - 1]])
                starts.Add(i);
        }
        return new([.. starts], [.. starts.Zip(starts.Skip(1).Append(tokens.Length), (start, end) => end - start)], null, places);
    }

    /// <summary>Finds the documents of packed rows.</summary>
    /// <param name="segments">The document of its row that each token belongs to, row after row; empty where each row is one document.</param>
    /// <param name="tokenCount">Tokens in the batch, N.</param>
    /// <param name="length">Tokens per row, T.</param>
    /// <param name="padding">The segment of padding, which sees nothing and is seen by nothing.</param>
    /// <param name="limits">See <see cref="Limits"/>.</param>
    /// <returns>Null where there are only padding tokens.</returns>
    public static AttentionSpans? Create(ReadOnlySpan<int> segments, int tokenCount, int length, int padding, int[]? limits = null)
    {
        var (starts, lengths) = (new List<int>(), new List<int>());
        for (var (start, end) = (0, 0); start < tokenCount; start = end)
        {
            end = (start / length * length) + length;
            if (!segments.IsEmpty)
                for (end = start + 1; end % length > 0 && segments[end] == segments[start];)
                    end++;
            if (!segments.IsEmpty && segments[start] == padding)
                continue;
            starts.Add(start);
            lengths.Add(end - start);
        }
        return starts.Count == 0 ? null : new([.. starts], [.. lengths], limits);
    }

    /// <summary>The <see cref="Limits"/> of tokens that see to the end of their image, or where they are in none to themselves.</summary>
    /// <param name="images">The image of each token, −1 for none; an image is a run of tokens of one document.</param>
    /// <param name="segments">As in <see cref="Create"/>.</param>
    /// <param name="length">Tokens per row, T.</param>
    public static int[] LimitsOf(ReadOnlySpan<int> images, ReadOnlySpan<int> segments, int length)
    {
        var limits = new int[images.Length];
        for (var i = 0; i < limits.Length; i++)
            limits[i] = Follows(segments, i, length) ? limits[i - 1] + 1 : 1; // places, counted from 1
        for (var i = limits.Length - 2; i >= 0; i--)
            if (images[i] >= 0 && images[i] == images[i + 1] && Follows(segments, i + 1, length))
                limits[i] = limits[i + 1];
        return limits;
    }

    /// <summary>Whether a token has one of its document before it.</summary>
    private static bool Follows(ReadOnlySpan<int> segments, int token, int length) => token % length > 0 && (segments.IsEmpty || segments[token] == segments[token - 1]);

    /// <summary>Position of a token in its document, for rotary embedding.</summary>
    /// <param name="document">The document.</param>
    /// <param name="token">The token.</param>
    public int Position(int document, int token) => Places is null ? token - Starts[document] : Places[token];

    /// <summary>Keys that a query sees, from the start of its document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="query">The query's place in it.</param>
    public int Limit(int document, int query) => Limits is null ? query + 1 : Limits[Starts[document] + query];
}
