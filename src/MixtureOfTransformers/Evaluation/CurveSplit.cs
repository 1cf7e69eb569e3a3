using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Which documents a loss was measured on.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<CurveSplit>))]
public enum CurveSplit
{
    /// <summary>Documents the model is trained on, before it has seen them.</summary>
    Training,

    /// <summary>Documents held out.</summary>
    Validation,
}
