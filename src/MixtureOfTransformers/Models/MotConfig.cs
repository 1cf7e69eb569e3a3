using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>Architecture of one model; written as <c>config.json</c> beside the weights.</summary>
public sealed record MotConfig
{
    /// <summary>Ids in the joint vocabulary, V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Model width D, that of the widest tower. Must be a multiple of <see cref="HeadCount"/>, unless <see cref="ExplicitHeadDim"/> is given.</summary>
    public required int Dim { get; init; }

    /// <summary>Layers, L.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Query heads, H.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key/value heads (grouped-query attention). Must divide <see cref="HeadCount"/>.</summary><value>0: as many as query heads.</value>
    public int KeyValueHeadCount { get; init; }

    /// <summary>Width of a head K, where it does not follow from <see cref="Dim"/>; even. Attention is H · K wide in every tower.</summary><value>0: D / H.</value>
    [JsonPropertyName("head_dim")]
    public int ExplicitHeadDim { get; init; }

    /// <summary>Inner width F of the SwiGLU.</summary><value>0: 8/3 · D, rounded up to a multiple of 256 (SPEC: Llama's rule).</value>
    public int FeedForwardDim { get; init; }

    /// <summary>The modalities, in the order of the vocabulary's ranges.</summary><value>Text, image.</value>
    public ImmutableArray<ModalityId> Modalities { get; init; } = [ModalityId.Text, ModalityId.Image];

    /// <summary>The tower of each modality, by index in <see cref="Modalities"/>. All 0 is the dense model; merging two is leave-one-out (paper §4).</summary><value>Empty: one tower per modality.</value>
    public ImmutableArray<int> Towers { get; init; } = [];

    /// <summary>Which weights are untied by tower.</summary><value>All.</value>
    public UntiedParts Untied { get; init; } = UntiedParts.All;

    /// <summary>Width of each tower, D_m, where they differ, as in pi-0: the widest is <see cref="Dim"/>, heads are common. The states of a narrower tower fill the first D_m columns
    /// of the residual stream, of the embeddings and of the head; the other columns are zero.</summary><value>Empty: all are <see cref="Dim"/> wide.</value>
    public ImmutableArray<int> TowerDims { get; init; } = [];

    /// <summary>Inner width of each tower's SwiGLU, F_m, where they differ.</summary><value>Empty: all have that of <see cref="FeedForwardDim"/>.</value>
    public ImmutableArray<int> TowerFeedForwardDims { get; init; } = [];

    /// <summary>Experts in the feed-forward layers of each tower; 1 is a layer without router. One entry for all towers where they share feed-forward layers.</summary><value>Empty: no experts.</value>
    public ImmutableArray<int> Experts { get; init; } = [];

    /// <summary>How experts choose their tokens; plays no part without experts.</summary>
    public ExpertChoice ExpertChoice { get; init; } = new();

    /// <summary>Layers that only some tokens pass.</summary><value>Null: all tokens pass all layers.</value>
    public MixtureOfDepths? MixtureOfDepths { get; init; }

    /// <summary>Images as vectors that are denoised.</summary><value>Null: all modalities are tokens.</value>
    public Diffusion? Diffusion { get; init; }

    /// <summary>Where sublayers are normalised.</summary><value>On the branch's output, as in Algorithm 1.</value>
    public NormPlacement NormPlacement { get; init; } = NormPlacement.Output;

    /// <summary>Normalisation of queries and keys.</summary><value>RMSNorm per head.</value>
    public QkNorm QkNorm { get; init; } = QkNorm.Rms;

    /// <summary>Base of the rotary frequencies.</summary><value>10 000.</value>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>Added to the mean square in every norm.</summary><value>1e-5.</value>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Longest sequence in tokens.</summary><value>4096.</value>
    public int MaxSequenceLength { get; init; } = 4096;

    /// <summary>Width of a head, K.</summary>
    [JsonIgnore]
    public int HeadDim => ExplicitHeadDim == 0 ? Dim / HeadCount : ExplicitHeadDim;

    /// <summary>Width of attention in every tower, H · K.</summary>
    [JsonIgnore]
    public int AttentionDim => HeadCount * HeadDim;

    /// <summary>Key/value heads after the default, G.</summary>
    [JsonIgnore]
    public int EffectiveKeyValueHeadCount => KeyValueHeadCount == 0 ? HeadCount : KeyValueHeadCount;

    /// <summary>SwiGLU width after the default, F.</summary>
    [JsonIgnore]
    public int EffectiveFeedForwardDim => FeedForwardDim == 0 ? ((8 * Dim / 3) + 255) / 256 * 256 : FeedForwardDim;

    /// <summary>The tower of each modality after the default.</summary>
    [JsonIgnore]
    public ImmutableArray<int> EffectiveTowers => Towers.IsDefaultOrEmpty ? [.. Enumerable.Range(0, Modalities.Length)] : Towers;

    /// <summary>Number of towers.</summary>
    [JsonIgnore]
    public int TowerCount => EffectiveTowers.Max() + 1;

    /// <summary>Sets of weights of <paramref name="part"/>: the tower count where it is untied, else 1.</summary>
    public int CopiesOf(UntiedParts part) => Untied.HasFlag(part) ? TowerCount : 1;

    /// <summary>Whether some tower is narrower than the residual stream.</summary>
    [JsonIgnore]
    public bool HasNarrowTowers => !TowerDims.IsDefaultOrEmpty && TowerDims.Any(dim => dim != Dim);

    /// <summary>Whether the towers differ in any width.</summary>
    [JsonIgnore]
    public bool HasUnequalTowers => HasNarrowTowers || (!TowerFeedForwardDims.IsDefaultOrEmpty && TowerFeedForwardDims.Any(inner => inner != EffectiveFeedForwardDim));

    /// <summary>Width of tower <paramref name="tower"/>, D_m.</summary>
    public int DimOf(int tower) => TowerDims.IsDefaultOrEmpty ? Dim : TowerDims[tower];

    /// <summary>SwiGLU width of tower <paramref name="tower"/>, F_m.</summary>
    public int FeedForwardDimOf(int tower) => TowerFeedForwardDims.IsDefaultOrEmpty ? EffectiveFeedForwardDim : TowerFeedForwardDims[tower];

    /// <summary>Whether some tower has more than one expert.</summary>
    [JsonIgnore]
    public bool HasExperts => !Experts.IsDefaultOrEmpty && Experts.Any(e => e > 1);

    /// <summary>Whether what happens to a token hangs on which others are there, later ones too: by expert choice or <see cref="MixtureOfDepths"/>. See <see cref="ExpertRouting"/>.</summary>
    [JsonIgnore]
    public bool ChoosesAmongTokens => HasExperts || MixtureOfDepths is not null;

    /// <summary>Experts of the feed-forward layers that tower <paramref name="tower"/> uses; 1 for none.</summary>
    public int ExpertsOf(int tower) => Experts.IsDefaultOrEmpty ? 1 : Experts[Math.Min(tower, Experts.Length - 1)];

    /// <summary>Layers with a gate that tokens may skip; see <see cref="MixtureOfDepths"/>.</summary>
    [JsonIgnore]
    public int DepthLayerCount => MixtureOfDepths?.CountOf(LayerCount) ?? 0;

    /// <summary>Layers that a token passes on average.</summary>
    [JsonIgnore]
    public double LayersPerToken => MixtureOfDepths is null ? LayerCount : LayerCount - (DepthLayerCount * (1 - MixtureOfDepths.Capacity));

    /// <summary>The dense model of the same shape: every modality in one tower, no experts, all tokens through all layers, the same FLOPs; where towers differ in width, that of <see cref="Dim"/> and
    /// <see cref="FeedForwardDim"/>.</summary>
    public MotConfig AsDense() => this with { Towers = [.. Modalities.Select(_ => 0)], TowerDims = [], TowerFeedForwardDims = [], Experts = [], MixtureOfDepths = null };

    /// <summary>This configuration, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both and the remedy.</exception>
    public MotConfig Validate()
    {
        Require(VocabularySize > 0, $"vocabulary_size {VocabularySize} must be positive");
        Require(Dim > 0 && LayerCount > 0 && HeadCount > 0, $"dim {Dim}, layer_count {LayerCount} and head_count {HeadCount} must be positive");
        Require(ExplicitHeadDim > 0 || (ExplicitHeadDim == 0 && Dim % HeadCount == 0), $"dim {Dim} is not a multiple of head_count {HeadCount}; change one, or give a positive head_dim");
        Require(HeadDim % 2 == 0, $"the head width {(ExplicitHeadDim == 0 ? "dim / head_count" : "head_dim")} = {HeadDim} must be even for rotary embedding");
        Require(KeyValueHeadCount >= 0 && HeadCount % EffectiveKeyValueHeadCount == 0, $"head_count {HeadCount} is not a multiple of key_value_head_count {KeyValueHeadCount}");
        Require(FeedForwardDim >= 0, $"feed_forward_dim {FeedForwardDim} must be positive, or 0 for the default");
        Require(!Modalities.IsDefaultOrEmpty && Modalities.Distinct().Count() == Modalities.Length, "modalities must name each modality once");
        Require(EffectiveTowers.Length == Modalities.Length, $"towers has {EffectiveTowers.Length} entries for {Modalities.Length} modalities; give one tower per modality");
        Require(EffectiveTowers.Order().Distinct().SequenceEqual(Enumerable.Range(0, TowerCount)), $"towers [{string.Join(", ", EffectiveTowers)}] must use every number from 0 without gaps");
        Require(Experts.IsDefaultOrEmpty || (Experts.Length == CopiesOf(UntiedParts.FeedForward) && Experts.All(e => e > 0)),
            $"experts [{string.Join(", ", Experts)}] must give a positive number for each of the {CopiesOf(UntiedParts.FeedForward)} sets of feed-forward layers");
        ExpertChoice.Validate();
        Require(!HasExperts || Experts.Length == TowerCount || TowerCount == 1 || ExpertChoice.Pool == ExpertPool.Batch, "experts that several towers share cannot choose within sequences: use pool batch, or untie feed_forward");
        MixtureOfDepths?.Validate();
        Diffusion?.Validate();
        Require(Diffusion is null || Modalities.Contains(ModalityId.Image), "diffusion needs the modality image; leave it out");
        Require(Diffusion is not { GridPositions: true } || Dim % 4 == 0, $"diffusion: grid_positions needs a dim that is a multiple of 4, not {Dim}");
        Require(Diffusion is null || (MixtureOfDepths is null && !HasNarrowTowers), "diffusion works with towers of one width whose tokens pass all layers; leave out mixture_of_depths and tower_dims");
        ValidateWidths();
        Require(RopeTheta > 1 && NormEpsilon > 0, $"rope_theta {RopeTheta} must exceed 1 and norm_epsilon {NormEpsilon} must be positive");
        Require(MaxSequenceLength > 0, $"max_sequence_length {MaxSequenceLength} must be positive");
        return this;
    }

    private void ValidateWidths()
    {
        Require(TowerDims.IsDefaultOrEmpty || (TowerDims.Length == TowerCount && TowerDims.All(dim => dim > 0) && TowerDims.Max() == Dim),
            $"tower_dims [{string.Join(", ", TowerDims)}] must give each of the {TowerCount} towers a width, of which the largest is dim {Dim}");
        Require(TowerFeedForwardDims.IsDefaultOrEmpty || (TowerFeedForwardDims.Length == TowerCount && TowerFeedForwardDims.All(inner => inner > 0)),
            $"tower_feed_forward_dims [{string.Join(", ", TowerFeedForwardDims)}] must give each of the {TowerCount} towers a width");
        Require(!HasNarrowTowers || Untied == UntiedParts.All, $"towers of unequal width [{string.Join(", ", TowerDims)}] cannot share weights; let untied name all parts, or give them one width");
        Require(!HasUnequalTowers || Untied.HasFlag(UntiedParts.FeedForward), $"towers of unequal tower_feed_forward_dims [{string.Join(", ", TowerFeedForwardDims)}] cannot share feed-forward layers; add feed_forward to untied");
        Require(!HasUnequalTowers || !HasExperts, "experts need towers of equal width; leave out tower_dims and tower_feed_forward_dims, or experts");
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new ConfigException(problem);
    }
}
