using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>What a run has spent by the time it reaches a loss: the horizontal axis of a loss curve.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<CostAxis>))]
public enum CostAxis
{
    /// <summary>Optimizer steps.</summary>
    Steps,

    /// <summary>Floating-point operations, counted from the configuration.</summary>
    Flops,

    /// <summary>Wall-clock seconds of training.</summary>
    Seconds,
}
