using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Training;

/// <summary>Which of two models of one shape, and of the same FLOPs, is trained.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<Architecture>))]
public enum Architecture
{
    /// <summary>Mixture-of-Transformers: one tower per modality.</summary>
    Mot,

    /// <summary>One tower for all modalities.</summary>
    Dense,
}
