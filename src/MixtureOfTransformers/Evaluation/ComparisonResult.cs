using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation;

/// <summary>One line of a comparison: an architecture and a modality.</summary>
public sealed record ComparisonResult
{
    /// <summary>Short name, such as <c>dense</c> or <c>mot</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The modality of the loss.</summary>
    public required ModalityId Modality { get; init; }

    /// <summary>Loss on held-out documents at the end of training, in nats per token of the modality; null for a run that diverged.</summary>
    public required double? ValidationLoss { get; init; }

    /// <summary>The same where auxiliary routers decide token by token; null for a model that is causal as it is, or where it was not measured.</summary>
    public double? CausalLoss { get; init; }

    /// <summary>Fitted share of the baseline's steps needed for the same losses; null if none was matched, 1 for the baseline itself.</summary>
    public required double? StepSlope { get; init; }

    /// <summary>Share of the baseline's steps needed for its best loss; null if it was not reached, 1 for the baseline itself. An upper bound where <see cref="Outcome"/> is <see cref="MatchOutcome.BeforeFirstPoint"/>.</summary>
    public required double? StepRatio { get; init; }

    /// <summary>The same as <see cref="StepSlope"/> in training seconds.</summary>
    public required double? SecondsSlope { get; init; }

    /// <summary>The same as <see cref="StepRatio"/> in training seconds.</summary>
    public required double? SecondsRatio { get; init; }

    /// <summary>The part of the baseline's steps to its best loss, from 0 to 1, whose losses were reached.</summary>
    public required double MatchedFraction { get; init; }

    /// <summary>Whether the baseline's best loss was reached.</summary>
    public required MatchOutcome Outcome { get; init; }

    /// <summary>When and how the run went wrong, whose steps, tokens, seconds and FLOPs are those until then; null for one that came to its end.</summary>
    public Divergence? Divergence { get; init; }

    /// <summary>Peak learning rate; 0 where it is not told.</summary>
    public double LearningRate { get; init; }

    /// <summary>Optimizer steps done.</summary>
    public required long Steps { get; init; }

    /// <summary>Tokens trained on, of all modalities.</summary>
    public required long Tokens { get; init; }

    /// <summary>Training seconds spent.</summary>
    public required double Seconds { get; init; }

    /// <summary>Training tokens per second, of all modalities.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Training FLOPs spent.</summary>
    public required double Flops { get; init; }

    /// <summary>Parameters stored.</summary>
    public required long Parameters { get; init; }

    /// <summary>Parameters that one token meets.</summary>
    public required long ActivatedParameters { get; init; }

    /// <summary>Parameters that one token meets, embeddings and head left out; 0 where it is not told.</summary>
    public long NonEmbeddingParameters { get; init; }
}
