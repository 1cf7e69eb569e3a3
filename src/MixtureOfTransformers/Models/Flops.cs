namespace MixtureOfTransformers.Models;

/// <summary>Matmul FLOPs of one forward pass per token; a multiply-add counts 2. Equal for dense and MoT of one shape, whatever the modality mix.</summary>
/// <param name="Projections">Attention projections and feed-forward, 2 · L · (A + F).</param>
/// <param name="Attention">Scores and weighted values, 4 · L · D · (keys a token attends to).</param>
/// <param name="Head">The output head, 2 · V · D.</param>
public readonly record struct Flops(double Projections, double Attention, double Head)
{
    /// <summary>All three.</summary>
    public double Forward => Projections + Attention + Head;

    /// <summary>Forward and backward: three forward passes.</summary>
    public double Training => 3 * Forward;

    /// <summary>FLOPs per token in a causal sequence of <paramref name="length"/> tokens: a token attends to (length + 1) / 2 keys on average.</summary>
    public static Flops PerTokenCausal(MotConfig config, int length) => PerToken(config, (length + 1) / 2.0);

    /// <summary>FLOPs per token where every token attends to all <paramref name="length"/> tokens.</summary>
    public static Flops PerTokenFull(MotConfig config, int length) => PerToken(config, length);

    /// <summary>Query-key pairs in a causal sequence whose images are bidirectional inside (the Transfusion mask): S(S+1)/2 + Σ n(n-1)/2.</summary>
    /// <param name="length">Tokens in the sequence, S.</param>
    /// <param name="imageLengths">Patches of each image, n.</param>
    public static long AttendedPairs(int length, params ReadOnlySpan<int> imageLengths)
    {
        var pairs = (long)length * (length + 1) / 2;
        foreach (var n in imageLengths)
            pairs += (long)n * (n - 1) / 2;
        return pairs;
    }

    /// <summary>FLOPs per token that attends to so many keys on average.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="keys">Keys per query, itself included.</param>
    public static Flops PerToken(MotConfig config, double keys) => new(
        2.0 * config.LayerCount * (ParameterCount.AttentionWeights(config) + ParameterCount.FeedForwardWeights(config)),
        4.0 * config.LayerCount * config.HeadCount * config.HeadDim * keys,
        2.0 * config.VocabularySize * config.Dim);
}
