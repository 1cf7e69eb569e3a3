using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Data;

/// <summary>A side of the data.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DataSplit>))]
public enum DataSplit
{
    /// <summary>What the model learns from.</summary>
    [JsonStringEnumMemberName("train")]
    Train,

    /// <summary>What its loss is measured on; never trained on.</summary>
    [JsonStringEnumMemberName("validation")]
    Validation,
}
