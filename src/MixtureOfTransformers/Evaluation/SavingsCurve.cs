using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How what an architecture saves in one modality, measured in validation losses, changes as training goes on. Savings appear where capacity is the limit: the more tokens each
/// parameter sees, the more.</summary>
public sealed record SavingsCurve
{
    /// <summary>Short name, such as <c>mot</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The modality of the loss.</summary>
    public required ModalityId Modality { get; init; }

    /// <summary>After each eighth of the baseline's run.</summary>
    public required ImmutableArray<SavingsPoint> Points { get; init; }
}
