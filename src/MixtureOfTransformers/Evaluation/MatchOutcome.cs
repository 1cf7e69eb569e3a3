using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Whether a run got to the best loss of the dense run it is compared with.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<MatchOutcome>))]
public enum MatchOutcome
{
    /// <summary>It did, and where is known.</summary>
    Reached,

    /// <summary>It did not within its run; nothing is extrapolated.</summary>
    NotReached,

    /// <summary>It was below that loss at its first measurement already, so where it got there is not known; measure earlier.</summary>
    BeforeFirstPoint,

    /// <summary>The dense run never improved on its first point: there is nothing to match.</summary>
    NothingToMatch,
}
