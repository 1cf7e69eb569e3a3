using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>The analyses of one trained run.</summary>
public sealed record RunAnalysis
{
    /// <summary>How the run is called: its folder.</summary>
    public required string Name { get; init; }

    /// <summary>Its architecture; see <see cref="Models.Architectures"/>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Steps it was trained for.</summary>
    public required long Step { get; init; }

    /// <summary>Non-embedding parameters that a token meets.</summary>
    public required long Parameters { get; init; }

    /// <summary>Tokens of a training step.</summary>
    public required long TokensPerStep { get; init; }

    /// <summary>Hash of its prepared data: recipe, tokenizers and inputs. Losses on other data do not compare.</summary>
    public required string Data { get; init; }

    /// <summary>The last validation loss up to that step by modality, in nats per token; empty where none was measured.</summary>
    public required ImmutableSortedDictionary<string, double> ValidationLoss { get; init; }

    /// <summary>Its modalities, in the order of the indices in <see cref="PlanePoint"/> and <see cref="ExpertLoad"/>.</summary>
    public required ImmutableArray<ModalityId> Modalities { get; init; }

    /// <summary>Its hidden states, stage by stage.</summary>
    public required ImmutableArray<StageAnalysis> Stages { get; init; }

    /// <summary>Its routers; empty without experts.</summary>
    public ImmutableArray<RouterLoad> Routers { get; init; } = [];

    /// <summary>Its layers that tokens skip; empty without mixture-of-depths.</summary>
    public ImmutableArray<DepthLoad> Depths { get; init; } = [];
}
