using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation.Causality;

/// <summary>How later tokens are changed.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<LaterChange>))]
public enum LaterChange
{
    /// <summary>Every one becomes another id of its modality: the towers keep their tokens.</summary>
    Ids,

    /// <summary>Every one becomes an id of another modality: the towers' shares of the batch change too.</summary>
    Modalities,
}
