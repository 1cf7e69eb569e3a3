using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>One trained architecture of a comparison: what it cost and how its losses fell.</summary>
public sealed record ArchitectureRun
{
    /// <summary>Short name, such as <c>dense</c> or <c>mot</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Seed of the run; runs of one seed are compared with each other.</summary>
    public long Seed { get; init; }

    /// <summary>Peak learning rate; 0 where it is not told.</summary>
    public double LearningRate { get; init; }

    /// <summary>Parameters stored.</summary>
    public required long Parameters { get; init; }

    /// <summary>Parameters that one token meets.</summary>
    public required long ActivatedParameters { get; init; }

    /// <summary>Parameters that one token meets, embeddings and head left out; 0 where it is not told.</summary>
    public long NonEmbeddingParameters { get; init; }

    /// <summary>Optimizer steps done.</summary>
    public required long Steps { get; init; }

    /// <summary>Tokens trained on.</summary>
    public required long Tokens { get; init; }

    /// <summary>Training FLOPs spent, forward and backward.</summary>
    public required double Flops { get; init; }

    /// <summary>Training seconds spent, evaluations left out.</summary>
    public required double Seconds { get; init; }

    /// <summary>How the run went wrong, whose other numbers are those until then; null for one that came to its end.</summary>
    public Divergence? Divergence { get; init; }

    /// <summary>Validation loss by the name of its modality where auxiliary routers decide token by token, in nats per token; null for a model that is causal as it is, or where it was not
    /// measured.</summary>
    public ImmutableSortedDictionary<string, double>? CausalLoss { get; init; }

    /// <summary>Loss curves: one validation curve per modality, and training curves if wanted.</summary>
    public required ImmutableArray<LossCurve> Curves { get; init; }
}
