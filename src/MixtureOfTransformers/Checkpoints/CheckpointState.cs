using MixtureOfTransformers.Batching;

namespace MixtureOfTransformers.Checkpoints;

/// <summary>Everything besides weights and moments that a run needs to go on as if it had never stopped; written as <c>state.json</c>.</summary>
/// <remarks>Training itself draws no random numbers: weights are drawn once from <see cref="Seed"/>, and the order of the data follows from it and <see cref="Position"/>.</remarks>
public sealed record CheckpointState
{
    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Updates of the weights: the steps without those that the spike guard skipped. It sets Adam's bias correction.</summary>
    public required long Updates { get; init; }

    /// <summary>Where the next batch begins.</summary>
    public required StreamPosition Position { get; init; }

    /// <summary>The seed of the run.</summary>
    public required long Seed { get; init; }

    /// <summary>Fingerprint of the tokenizers whose ids the weights belong to.</summary>
    public required string TokenizerFingerprint { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; init; }

    /// <summary>Tokens that went through the model in training.</summary>
    public long Tokens { get; init; }

    /// <summary>Matmul FLOPs of training, forward and backward.</summary>
    public double Flops { get; init; }

    /// <summary>Seconds of training, without validation and saving.</summary>
    public double Seconds { get; init; }

    /// <summary>Validation loss after this step, in nats; null when it was not measured.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The checkpoint of the run with the lowest validation loss, up to this one; null before the first that was measured.</summary>
    public BestValidation? Best { get; init; }

    /// <summary>The spike guard's memory.</summary>
    public SpikeStatistics Spikes { get; init; } = new();
}
