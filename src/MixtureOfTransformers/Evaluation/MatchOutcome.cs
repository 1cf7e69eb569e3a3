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

    /// <summary>It did before its first measurement, whose cost is therefore an upper bound; measure earlier to know more.</summary>
    BeforeFirstPoint,

    /// <summary>The dense run never improved on its first point, or diverged: there is nothing to match.</summary>
    NothingToMatch,

    /// <summary>It went wrong and has no result; see <see cref="Divergence"/>.</summary>
    Diverged,
}
