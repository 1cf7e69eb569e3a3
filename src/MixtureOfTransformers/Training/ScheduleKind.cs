using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Training;

/// <summary>How the learning rate moves from its peak to its minimum after the warm-up.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ScheduleKind>))]
public enum ScheduleKind
{
    /// <summary>Half a cosine wave down.</summary>
    Cosine,

    /// <summary>A straight line down.</summary>
    Linear,

    /// <summary>Stays at the peak.</summary>
    Constant,

    /// <summary>Stays at the peak, then a straight line down over the last fifth of the steps.</summary>
    WarmupStableDecay,
}
