using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>What turns a router's scores into the weights of the experts.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ExpertGate>))]
public enum ExpertGate
{
    /// <summary>Each score by itself (MoMa).</summary>
    Sigmoid,

    /// <summary>Over the experts of the token's tower (Zhou et al. 2022).</summary>
    Softmax,
}
