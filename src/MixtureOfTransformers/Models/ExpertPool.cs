using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>The tokens among which an expert chooses.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ExpertPool>))]
public enum ExpertPool
{
    /// <summary>All tokens of the batch in the expert's tower.</summary>
    Batch,

    /// <summary>The tokens of one row of the batch.</summary>
    Sequence,
}
