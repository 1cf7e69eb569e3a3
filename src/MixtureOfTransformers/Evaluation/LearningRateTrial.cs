using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>A short run by which a learning rate was chosen for an architecture.</summary>
public sealed record LearningRateTrial
{
    /// <summary>Short name, such as <c>dense</c> or <c>mot</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Peak learning rate tried.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Optimizer steps of the trial.</summary>
    public required long Steps { get; init; }

    /// <summary>Loss at the end by the name of its modality, in nats per token.</summary>
    public required ImmutableSortedDictionary<string, double> ModalityLoss { get; init; }

    /// <summary>The number the choice was made by; lower is better. Not finite where the trial diverged.</summary>
    public required double Loss { get; init; }

    /// <summary>Whether the architecture's runs use this learning rate.</summary>
    public required bool Chosen { get; init; }
}
