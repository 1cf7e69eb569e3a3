using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Causality;

/// <summary>What <see cref="CausalityProbe"/> found.</summary>
public sealed record CausalityReport
{
    /// <summary>The finding.</summary>
    public required CausalityVerdict Verdict { get; init; }

    /// <summary>Rows of the batch.</summary>
    public required int Rows { get; init; }

    /// <summary>Tokens per row.</summary>
    public required int Length { get; init; }

    /// <summary>How large a change is still rounding, in words.</summary>
    public required string ToleranceRule { get; init; }

    /// <summary>The stages of the pass in order.</summary>
    public required ImmutableArray<CausalityStage> Stages { get; init; }

    /// <summary>The changes that were tried.</summary>
    public required ImmutableArray<CausalityCase> Cases { get; init; }

    /// <summary>The first stage with an output that moved; null where none did.</summary>
    public string? FirstStage => Stages.FirstOrDefault(stage => stage.MovedShare > 0)?.Name;
}
