using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>The parts of a layer that each tower has its own weights for (paper §3.5: the component ablation).</summary>
[Flags]
[JsonConverter(typeof(SnakeCaseEnumConverter<UntiedParts>))]
public enum UntiedParts
{
    /// <summary>Every weight is shared: a dense model whatever the tower map.</summary>
    None = 0,

    /// <summary>W1, W2 and W3 of the SwiGLU.</summary>
    FeedForward = 1,

    /// <summary>W_Q, W_K and W_V.</summary>
    QueryKeyValue = 2,

    /// <summary>W_O.</summary>
    Output = 4,

    /// <summary>Attention, feed-forward, QK and final norms.</summary>
    Norms = 8,

    /// <summary>Everything but embeddings and head: Mixture-of-Transformers.</summary>
    All = FeedForward | QueryKeyValue | Output | Norms,
}
