namespace MixtureOfTransformers.Generation;

/// <summary>The weights of one layer as decoding reads them. Each array has one entry per tower, or a single one where the part is tied.</summary>
internal sealed class DecodeLayer : IDisposable
{
    /// <summary>W_Q, W_K and W_V, one below the other.</summary>
    public required DecodeMatrix[] QueryKeyValue { get; init; }

    /// <summary>W_O.</summary>
    public required DecodeMatrix[] Output { get; init; }

    /// <summary>W1 and W3, one below the other.</summary>
    public required DecodeMatrix[] GateUp { get; init; }

    /// <summary>W2.</summary>
    public required DecodeMatrix[] Down { get; init; }

    /// <summary>Of the attention branch.</summary>
    public required DecodeNorm[] AttentionNorm { get; init; }

    /// <summary>Of the feed-forward branch.</summary>
    public required DecodeNorm[] FeedForwardNorm { get; init; }

    /// <summary>Of every query head; empty for none.</summary>
    public required DecodeNorm[] QueryNorm { get; init; }

    /// <summary>Of every key head; empty for none.</summary>
    public required DecodeNorm[] KeyNorm { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DecodeMatrix[] part in (DecodeMatrix[][])[QueryKeyValue, Output, GateUp, Down])
            foreach (var matrix in part)
                matrix.Dispose();
    }
}
