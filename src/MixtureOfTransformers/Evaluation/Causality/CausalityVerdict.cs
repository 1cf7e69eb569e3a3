using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation.Causality;

/// <summary>What a probe found.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<CausalityVerdict>))]
public enum CausalityVerdict
{
    /// <summary>No output moved that a change of later tokens must not reach, and the outputs of the changed tokens did.</summary>
    Causal,

    /// <summary>An output moved that comes before the change, or is in another row.</summary>
    Leaks,

    /// <summary>Not even the outputs of changed tokens moved, or outputs move without any change: nothing can be told.</summary>
    Inconclusive,
}
