using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Training;

/// <summary>One line of <c>metrics.jsonl</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TrainingMetrics), "train")]
[JsonDerivedType(typeof(ValidationMetrics), "validation")]
public abstract record MetricsLine
{
    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Tokens trained on since the start of the run.</summary>
    public required long Tokens { get; init; }

    /// <summary>Matmul FLOPs of training since the start of the run, forward and backward.</summary>
    public required double Flops { get; init; }

    /// <summary>Seconds of training since the start of the run, without validation and saving.</summary>
    public required double Seconds { get; init; }

    /// <summary>Mean cross-entropy over all target tokens, in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>The same by modality of the target.</summary>
    public required IReadOnlyDictionary<string, double> ModalityLoss { get; init; }
}
