using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>What grows from run to run.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ScalingAxis>))]
public enum ScalingAxis
{
    /// <summary>Non-embedding parameters that a token meets.</summary>
    Parameters,

    /// <summary>Tokens of a training step.</summary>
    TokensPerStep,
}
