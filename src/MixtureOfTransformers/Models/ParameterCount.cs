namespace MixtureOfTransformers.Models;

/// <summary>Parameters of a model, computed from its configuration alone (no weight is allocated).</summary>
/// <param name="Embeddings">Input table and output head, 2 · V · D.</param>
/// <param name="PerLayer">One layer with all its towers.</param>
/// <param name="FinalNorm">The norm before the head, all towers.</param>
/// <param name="LayerCount">Layers.</param>
/// <param name="Activated">Parameters that one token meets: those of the dense model of this shape, routers left out. The paper names models by it. Where towers differ
/// in width, those of the tower with most; where tokens may skip layers, the mean.</param>
public readonly record struct ParameterCount(long Embeddings, long PerLayer, long FinalNorm, int LayerCount, long Activated)
{
    /// <summary>Gates of layers that tokens may skip, D each; 0 without <see cref="MixtureOfDepths"/>.</summary>
    public long DepthGates { get; init; }

    /// <summary>Projections of image patches and their noise level; 0 where images are tokens.</summary>
    public long Patches { get; init; }

    /// <summary>All parameters stored.</summary>
    public long Total => Embeddings + NonEmbedding + Patches;

    /// <summary>All parameters but the embedding table, the head and the projections of patches.</summary>
    public long NonEmbedding => (LayerCount * PerLayer) + FinalNorm + DepthGates;

    /// <summary>Of <see cref="Activated"/>, all but the embedding table and the head.</summary>
    public long ActivatedNonEmbedding => Activated - Embeddings;

    /// <summary>Counts the parameters of <paramref name="config"/>.</summary>
    public static ParameterCount Of(MotConfig config)
    {
        var output = Sum(UntiedParts.Output, OutputWeights);
        var qkv = Sum(UntiedParts.QueryKeyValue, tower => AttentionWeights(config, tower) - OutputWeights(tower));
        var feedForward = Sum(UntiedParts.FeedForward, tower => config.ExpertsOf(tower) is > 1 and var experts
            ? experts * (FeedForwardWeights(config, tower) + config.DimOf(tower)) // with the router, D · E
            : FeedForwardWeights(config, tower));
        var layer = qkv + output + feedForward + Sum(UntiedParts.Norms, tower => Norms(config, tower));
        return new(2L * config.VocabularySize * config.Dim, layer, Sum(UntiedParts.Norms, tower => config.DimOf(tower)), config.LayerCount, Enumerable.Range(0, config.TowerCount).Max(tower => ActivatedOf(config, tower)))
        { DepthGates = (long)config.DepthLayerCount * config.Dim, Patches = config.Diffusion is { } diffusion ? PatchWeights(config.Dim, diffusion) : 0 };

        long OutputWeights(int tower) => (long)config.DimOf(tower) * config.AttentionDim;
        long Sum(UntiedParts part, Func<int, long> ofTower) => Enumerable.Range(0, config.CopiesOf(part)).Sum(ofTower);
    }

    /// <summary>Parameters that one token of a tower meets, routers left out.</summary>
    public static long ActivatedOf(MotConfig config, int tower) => (2L * config.VocabularySize * config.DimOf(tower)) + config.DimOf(tower)
        + (long)Math.Round(config.LayersPerToken * (AttentionWeights(config, tower) + FeedForwardWeights(config, tower) + Norms(config, tower)));

    /// <summary>Weights of the four attention projections in one tower of one layer, A = D · K · (2H + 2G).</summary>
    public static long AttentionWeights(MotConfig config, int tower = 0) => (long)config.DimOf(tower) * config.HeadDim * 2 * (config.HeadCount + config.EffectiveKeyValueHeadCount);

    /// <summary>Weights of the SwiGLU in one tower of one layer, 3 · D · F.</summary>
    public static long FeedForwardWeights(MotConfig config, int tower = 0) => 3L * config.DimOf(tower) * config.FeedForwardDimOf(tower);

    /// <summary>Projections of patches with their biases: X · D in, D · X out, and the two layers of the noise level; with a U-Net its own, and its width in place of X.</summary>
    private static long PatchWeights(long dim, Diffusion diffusion) => (dim * (diffusion.ProjectedDim + 1L)) + (diffusion.ProjectedDim * (dim + 1)) + PatchUnetCost.Parameters(diffusion, dim) + (dim * (PatchProjections.Frequencies + 1)) + (dim * (dim + 1));

    private static long Norms(MotConfig config, int tower) => (2L * config.DimOf(tower)) + (config.QkNorm switch { QkNorm.Rms => 2L, QkNorm.Layer => 4L, _ => 0L } * config.HeadDim);
}
