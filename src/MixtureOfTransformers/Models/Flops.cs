namespace MixtureOfTransformers.Models;

/// <summary>Matmul FLOPs of one forward pass per token; a multiply-add counts 2. Equal for dense and MoT of one shape, whatever the modality mix; experts add their router.
/// Where towers differ in width a batch costs Σ n_m · 2 · L · (A_m + F_m).</summary>
/// <param name="Projections">Attention projections and feed-forward, 2 · L · (A + F).</param>
/// <param name="Attention">Scores and weighted values, 4 · L · H · K · (keys a token attends to).</param>
/// <param name="Head">The output head, 2 · V · D; a narrow tower multiplies its zeros too.</param>
public readonly record struct Flops(double Projections, double Attention, double Head)
{
    /// <summary>Scores of the experts, 2 · L · D · E, and gates of the layers that tokens may skip, 2 · D each; 0 without either. The paper leaves them out of its counts.</summary>
    public double Routers { get; init; }

    /// <summary>All of them.</summary>
    public double Forward => Projections + Attention + Head + Routers;

    /// <summary>Forward and backward: three forward passes.</summary>
    public double Training => 3 * Forward;

    /// <summary>FLOPs per token in a causal sequence of <paramref name="length"/> tokens: a token attends to (length + 1) / 2 keys on average.</summary>
    public static Flops PerTokenCausal(MotConfig config, int length, int tower = 0) => PerToken(config, (length + 1) / 2.0, tower);

    /// <summary>FLOPs per token where every token attends to all <paramref name="length"/> tokens.</summary>
    public static Flops PerTokenFull(MotConfig config, int length, int tower = 0) => PerToken(config, length, tower);

    /// <summary>FLOPs of a prompt of <paramref name="length"/> tokens of which only the last one's logits are wanted: of the last layer, the others need their keys and values alone. Queries, which are
    /// projected with them, count too.</summary>
    /// <param name="config">The model's shape, without experts and without layers that tokens skip.</param>
    /// <param name="length">Tokens.</param>
    internal static double OfPrompt(MotConfig config, int length)
    {
        var whole = PerTokenCausal(config, length);
        var afterAttention = 2.0 * (((long)config.Dim * config.AttentionDim) + ParameterCount.FeedForwardWeights(config)); // output projection and feed-forward
        var attentionOfOthers = PerTokenCausal(config, length - 1).Attention / config.LayerCount;
        return (length * (whole.Projections + whole.Attention)) + whole.Head - ((length - 1) * (afterAttention + attentionOfOthers));
    }

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
    /// <remarks>With <see cref="MixtureOfDepths"/> of capacity c, the mean over tokens that pass and tokens that skip. Those that pass are taken to lie evenly in their sequence, so that one of
    /// them attends to (c · S + 1) / 2 keys of S: c · keys + (1 − c) / 2.</remarks>
    /// <param name="config">The model's shape.</param>
    /// <param name="keys">Keys per query, itself included.</param>
    /// <param name="tower">The token's tower; it matters only where towers differ in experts or width.</param>
    public static Flops PerToken(MotConfig config, double keys, int tower = 0)
    {
        var experts = config.ExpertsOf(tower);
        var expertsPerToken = experts > 1 ? Math.Min(config.ExpertChoice.Capacity, experts) : 1;
        var layers = config.LayersPerToken;
        return new(
            2.0 * layers * (ParameterCount.AttentionWeights(config, tower) + (expertsPerToken * ParameterCount.FeedForwardWeights(config, tower))),
            4.0 * AttendingLayers(config, keys) * config.HeadCount * config.HeadDim * keys,
            2.0 * config.VocabularySize * config.Dim)
        { Routers = 2.0 * config.Dim * ((experts > 1 ? layers * experts : 0) + config.DepthLayerCount) };
    }

    /// <summary>What a patch of an image costs in place of the head: its projections in and out, 2 · X · D each, or the blocks of a U-Net and 2 · W · D each. The noise level, once per image, is left out.</summary>
    public static double PatchProjections(MotConfig config) => config.Diffusion is { } diffusion ? (4.0 * diffusion.ProjectedDim * config.Dim) + PatchUnetCost.FlopsPerPatch(diffusion) : 0;

    /// <summary>The number of layers at which a model with <see cref="MixtureOfDepths"/> costs about what it costs without, at its own number of layers and its longest sequence: 1.6 times as
    /// many at a quarter of the tokens in every second layer, rounded to whole layers, so that small models may be off by a fifth.</summary>
    public static int LayersOfEqualCost(MotConfig config)
    {
        var target = Of(config with { MixtureOfDepths = null });
        var layers = config.LayerCount;
        while (Of(config with { LayerCount = layers + 1 }) < target)
            layers++;
        return target - Of(config with { LayerCount = layers }) < Of(config with { LayerCount = layers + 1 }) - target ? layers : layers + 1;

        static double Of(MotConfig config) => PerTokenCausal(config, config.MaxSequenceLength).Forward;
    }

    /// <summary>As many layers as would cost the same attention if all tokens passed them.</summary>
    private static double AttendingLayers(MotConfig config, double keys)
    {
        if (config.MixtureOfDepths is not { Capacity: var c })
            return config.LayerCount;
        return config.LayerCount - config.DepthLayerCount + (config.DepthLayerCount * c * ((c * keys) + ((1 - c) / 2)) / keys);
    }
}
