using System.Collections.Immutable;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Training;

/// <summary>The shape of the model: a preset, fields that differ from it, or a shape of its own. Vocabulary and modalities come from the tokenizers.</summary>
public sealed record ModelRecipe
{
    private const int Markers = 4; // begin and end of the sequence and of the modality

    /// <summary>Name of a preset; see <see cref="ModelPresets"/>.</summary><value>"mini", or none where dim is given.</value>
    public string? Preset { get; init; }

    /// <summary>Which architecture of this shape; see <see cref="Architectures"/>.</summary><value>Mixture-of-Transformers.</value>
    public string Architecture { get; init; } = Architectures.Mot;

    /// <summary>Model width, D.</summary><value>The preset's.</value>
    public int? Dim { get; init; }

    /// <summary>Layers, L.</summary><value>The preset's.</value>
    public int? LayerCount { get; init; }

    /// <summary>Query heads, H.</summary><value>The preset's.</value>
    public int? HeadCount { get; init; }

    /// <summary>Key/value heads, G.</summary><value>The preset's.</value>
    public int? KeyValueHeadCount { get; init; }

    /// <summary>Width of a head, K, where it does not follow from the model's width.</summary><value>The preset's; D / H where dim or head_count is given.</value>
    public int? HeadDim { get; init; }

    /// <summary>Inner width of the SwiGLU, F.</summary><value>The preset's; the rule of <see cref="MotConfig"/> where dim is given.</value>
    public int? FeedForwardDim { get; init; }

    /// <summary>Which weights are untied by tower.</summary><value>The preset's.</value>
    public UntiedParts? Untied { get; init; }

    /// <summary>The tower of each modality, in the order of the vocabulary.</summary><value>One each.</value>
    public ImmutableArray<int>? Towers { get; init; }

    /// <summary>Width of each tower where they differ, for architectures that untie every part; the largest is the model's width.</summary><value>The model's.</value>
    public ImmutableArray<int>? TowerDims { get; init; }

    /// <summary>Inner width of each tower's SwiGLU where they differ.</summary><value>That of the model.</value>
    public ImmutableArray<int>? TowerFeedForwardDims { get; init; }

    /// <summary>Experts in the feed-forward layers of each tower, for the architecture <c>mot</c>; the others set it themselves.</summary><value>None.</value>
    public ImmutableArray<int>? Experts { get; init; }

    /// <summary>How experts choose their tokens.</summary><value>As in MoMa, among the whole batch.</value>
    public ExpertChoice? ExpertChoice { get; init; }

    /// <summary>Layers that only some tokens pass, with the layer count as given; the architectures <c>mod-…</c> set it themselves and raise the layer count.</summary><value>None.</value>
    public MixtureOfDepths? MixtureOfDepths { get; init; }

    /// <summary>How images are denoised, where they are patches; its patch_dim, channels and columns are those of the patches.</summary><value>As in Transfusion.</value>
    public Diffusion? Diffusion { get; init; }

    /// <summary>Where sublayers are normalised.</summary><value>The preset's.</value>
    public NormPlacement? NormPlacement { get; init; }

    /// <summary>Normalisation of queries and keys.</summary><value>The preset's.</value>
    public QkNorm? QkNorm { get; init; }

    /// <summary>Base of the rotary frequencies.</summary><value>The preset's.</value>
    public double? RopeTheta { get; init; }

    /// <summary>The configuration for a vocabulary.</summary>
    /// <param name="vocabulary">Sets the ids and the modalities.</param>
    /// <param name="sequenceLength">The longest sequence in tokens.</param>
    /// <exception cref="ConfigException">The shape is incomplete or impossible.</exception>
    public MotConfig ToConfig(Vocabulary vocabulary, int sequenceLength)
    {
        foreach (var range in vocabulary.Ranges.Where(r => r.LongestBlock > 0 && r.LongestBlock + Markers > sequenceLength))
            throw new ConfigException($"sequence_length {sequenceLength} is shorter than one {range.Modality} of {range.LongestBlock} tokens and {Markers} markers; use at least {range.LongestBlock + Markers}, and more for the text beside it");
        var shape = Shape();
        return Architectures.Apply(Architecture, shape with
        {
            VocabularySize = vocabulary.Size,
            Modalities = vocabulary.Modalities,
            MaxSequenceLength = sequenceLength,
            Dim = Dim ?? shape.Dim,
            LayerCount = LayerCount ?? shape.LayerCount,
            HeadCount = HeadCount ?? shape.HeadCount,
            KeyValueHeadCount = KeyValueHeadCount ?? shape.KeyValueHeadCount,
            FeedForwardDim = FeedForwardDim ?? (Dim is null ? shape.FeedForwardDim : 0),
            ExplicitHeadDim = HeadDim ?? ((Dim ?? HeadCount) is null ? shape.ExplicitHeadDim : 0),
            Untied = Untied ?? shape.Untied,
            TowerDims = TowerDims ?? shape.TowerDims,
            TowerFeedForwardDims = TowerFeedForwardDims ?? shape.TowerFeedForwardDims,
            Towers = Towers ?? shape.Towers,
            Experts = Experts ?? shape.Experts,
            ExpertChoice = ExpertChoice ?? shape.ExpertChoice,
            MixtureOfDepths = MixtureOfDepths ?? shape.MixtureOfDepths,
            Diffusion = vocabulary.VectorRange is { } vectors ? (Diffusion ?? new()) with { PatchDim = vectors.VectorLength, Channels = vectors.VectorChannels, Columns = vectors.GridColumns } : null,
            NormPlacement = NormPlacement ?? shape.NormPlacement,
            QkNorm = QkNorm ?? shape.QkNorm,
            RopeTheta = RopeTheta ?? shape.RopeTheta,
        }).Validate();
    }

    /// <summary>Builds the model with weights drawn from the seed: the same weights on every device.</summary>
    /// <param name="vocabulary">Sets the ids and the modalities.</param>
    /// <param name="training">Sets the sequence length and the number format.</param>
    /// <param name="seed">Of the weights.</param>
    /// <param name="device">Where the weights go.</param>
    /// <returns>The model; the caller disposes it.</returns>
    public MotModel Build(Vocabulary vocabulary, TrainingRecipe training, long seed, Device device)
    {
        using var generator = new Generator((ulong)seed);
        return new MotModel(ToConfig(vocabulary, training.SequenceLength), device, generator, training.ComputeScalarType);
    }

    /// <summary>This recipe, checked as far as is possible without a vocabulary.</summary>
    /// <exception cref="ConfigException">The preset or the architecture is unknown, or the shape incomplete.</exception>
    public ModelRecipe Validate()
    {
        if (!Architectures.IsKnown(Architecture))
            throw new ConfigException(Architectures.Unknown(Architecture));
        Shape();
        return this;
    }

    private MotConfig Shape()
    {
        if (Preset is not null || (Dim ?? LayerCount ?? HeadCount) is null)
            return ModelPresets.Get(Preset ?? "mini");
        if (Dim is null || LayerCount is null || HeadCount is null)
            throw new ConfigException("a model without preset needs dim, layer_count and head_count; give all three, or a preset to start from");
        return new() { VocabularySize = 1, Dim = Dim.Value, LayerCount = LayerCount.Value, HeadCount = HeadCount.Value };
    }
}
