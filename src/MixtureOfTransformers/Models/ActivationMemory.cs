// Legend: D model width, H query heads, G key/value heads, K head width, F inner width, V vocabulary, N tokens on a device.
using System.Collections.Immutable;
using MixtureOfTransformers.Kernels;

namespace MixtureOfTransformers.Models;

/// <summary>What is kept from the forward pass for the backward pass. This is the one place to correct when a layer keeps something else.</summary>
/// <remarks>Kernels are taken to be fused: normalised queries and keys, rotary products, attention weights and normalised branches are computed again from what is kept.</remarks>
internal static class ActivationMemory
{
    /// <summary>What one layer keeps of each token. With norms before the branches the two branch outputs are not kept, and two normalised inputs of the same
    /// width are, so that the sum is the same.</summary>
    public static ImmutableArray<ActivationTerm> PerLayer(MotConfig config, int tower = 0)
    {
        long dim = config.DimOf(tower), heads = config.HeadCount, inner = config.FeedForwardDimOf(tower);
        var perToken = config.HasExperts ? Math.Min(config.ExpertChoice.Capacity, config.Experts.Max()) : 1; // experts that process a token
        var rows = (long)Math.Ceiling(dim * perToken);
        var slots = (long)Math.Ceiling(inner * perToken);
        long queryKeyValue = (heads + (2L * config.EffectiveKeyValueHeadCount)) * config.HeadDim;
        return
        [
            new("input x", dim),                                                  // input of wqkv, and of the residual
            new("queries, keys, values", queryKeyValue),                          // before their norm and rotation
            new("attention output and log-sum-exp", heads * config.HeadDim, heads), // input of wo; one sum a head
            new("wo output and the scale of its norm", dim, 1),
            new("h after the residual", dim),                                     // input of w13
            new("w13 output", 2 * slots),
            new("SwiGLU output", slots),                                          // input of w2
            new("w2 output and the scale of its norm", dim, 1),
            .. config.HasExperts ? (ActivationTerm[])[new("rows of the experts, before and after, and scores", 2 * rows, config.Experts.Max())] : [],
        ];
    }

    /// <summary>Bytes that one layer keeps of each token; where towers differ in width, of a token of the tower with most, as a batch may hold no others.</summary>
    public static long LayerBytesPerToken(MotConfig config, int computeBytes) =>
        Enumerable.Range(0, config.TowerCount).Max(tower => PerLayer(config, tower).Sum(term => term.BytesPerToken(computeBytes)));

    /// <summary>Bytes that all layers keep on one device. With checkpointing it is the input of each, and everything of the one that is being run again.</summary>
    public static long Layers(MotConfig config, MemorySettings settings)
    {
        var whole = LayerBytesPerToken(config, settings.ComputeBytes);
        var input = (long)config.Dim * settings.ComputeBytes;
        var kept = config.MixtureOfDepths is not { Capacity: var capacity } ? config.LayerCount * whole
            : ((config.LayerCount - config.DepthLayerCount) * whole)
            + (config.DepthLayerCount * (input + (2 * sizeof(float)) + (long)(capacity * (whole + input)))); // all tokens for the gate, and the branch of those that pass
        return settings.TokenCount * (settings.ActivationCheckpointing ? (config.LayerCount * input) + whole : kept);
    }

    /// <summary>Bytes of the final norm on one device: its input and its output.</summary>
    public static long FinalNorm(MotConfig config, MemorySettings settings) => settings.TokenCount * 2 * config.Dim * settings.ComputeBytes;

    /// <summary>Bytes of the patches of images on one device, if all tokens were such, in fp32: what goes in, what is predicted and what should be, as vectors of the stream on either side of the layers, and
    /// what a U-Net keeps; 0 where images are tokens.</summary>
    public static long Patches(MotConfig config, MemorySettings settings) => config.Diffusion is not { } diffusion ? 0
        : settings.TokenCount * sizeof(float) * ((3L * diffusion.PatchDim) + (2L * config.Dim) + PatchUnetCost.NumbersKeptPerPatch(diffusion));

    /// <summary>Bytes of head and loss on one device: logits chunk by chunk, the gradient of the states, [N, D], and that of the head, [V, D] in fp32.</summary>
    public static long Head(MotConfig config, MemorySettings settings) => (Math.Min(Math.Max(FusedHeadLoss.LogitsOfAChunk, FusedHeadLoss.RowsOfAChunk * config.VocabularySize), settings.TokenCount * config.VocabularySize) * settings.ComputeBytes)
        + (settings.TokenCount * config.Dim * settings.ComputeBytes)
        + ((long)config.VocabularySize * config.Dim * sizeof(float));
}
