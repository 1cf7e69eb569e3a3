using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>Normalisation of queries and keys, per head, after projection and before rotary embedding.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<QkNorm>))]
public enum QkNorm
{
    /// <summary>None: the Llama layout.</summary>
    None,

    /// <summary>RMSNorm over the head width, one weight for all heads: the published MoT code.</summary>
    Rms,

    /// <summary>LayerNorm with weight and bias over the head width: Chameleon.</summary>
    Layer,
}
