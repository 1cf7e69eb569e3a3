using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Runtime;

/// <summary>How bad a <see cref="Finding"/> is.</summary>
public enum FindingLevel
{
    /// <summary>As it should be.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>Works, but slower or less than it could.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>Nothing that needs libtorch can run.</summary>
    [JsonStringEnumMemberName("failure")]
    Failure,
}
