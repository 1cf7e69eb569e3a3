namespace MixtureOfTransformers.Models;

/// <summary>Parameters of a model, computed from its configuration alone (no weight is allocated).</summary>
/// <param name="Embeddings">Input table and output head, 2 · V · D.</param>
/// <param name="PerLayer">One layer with all its towers.</param>
/// <param name="FinalNorm">The norm before the head, all towers.</param>
/// <param name="LayerCount">Layers.</param>
/// <param name="Activated">Parameters that one token meets: those of the dense model of this shape, routers left out. The paper names models by it.</param>
public readonly record struct ParameterCount(long Embeddings, long PerLayer, long FinalNorm, int LayerCount, long Activated)
{
    /// <summary>All parameters stored.</summary>
    public long Total => Embeddings + NonEmbedding;

    /// <summary>All parameters but the embedding table and the head.</summary>
    public long NonEmbedding => (LayerCount * PerLayer) + FinalNorm;

    /// <summary>Counts the parameters of <paramref name="config"/>.</summary>
    public static ParameterCount Of(MotConfig config)
    {
        var activated = Count(config.AsDense(), 0);
        return Count(config, activated.Total);
    }

    /// <summary>Weights of the four attention projections in one tower of one layer, A = D · K · (2H + 2G).</summary>
    public static long AttentionWeights(MotConfig config) => (long)config.Dim * config.HeadDim * 2 * (config.HeadCount + config.EffectiveKeyValueHeadCount);

    /// <summary>Weights of the SwiGLU in one tower of one layer, 3 · D · F.</summary>
    public static long FeedForwardWeights(MotConfig config) => 3L * config.Dim * config.EffectiveFeedForwardDim;

    /// <summary>Weights of the feed-forward layers in one layer, with the router D · E of a tower that has experts.</summary>
    private static long AllFeedForwardWeights(MotConfig config) => Enumerable.Range(0, config.CopiesOf(UntiedParts.FeedForward)).Select(config.ExpertsOf)
        .Sum(experts => (experts * FeedForwardWeights(config)) + (experts > 1 ? (long)experts * config.Dim : 0));

    private static ParameterCount Count(MotConfig config, long activated)
    {
        long output = (long)config.Dim * config.Dim;
        long qkv = AttentionWeights(config) - output;
        long norms = (2L * config.Dim) + config.QkNorm switch { QkNorm.Rms => 2L, QkNorm.Layer => 4L, _ => 0L } * config.HeadDim;
        var layer = (config.CopiesOf(UntiedParts.QueryKeyValue) * qkv) + (config.CopiesOf(UntiedParts.Output) * output)
            + AllFeedForwardWeights(config) + (config.CopiesOf(UntiedParts.Norms) * norms);
        return new(2L * config.VocabularySize * config.Dim, layer, (long)config.CopiesOf(UntiedParts.Norms) * config.Dim, config.LayerCount, activated);
    }
}
