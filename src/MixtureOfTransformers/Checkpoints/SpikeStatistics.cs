using System.Collections.Immutable;

namespace MixtureOfTransformers.Checkpoints;

/// <summary>What the loss-spike guard remembers.</summary>
public sealed record SpikeStatistics
{
    /// <summary>The last losses that were accepted, oldest first, in nats.</summary>
    public ImmutableArray<double> Losses { get; init; } = [];

    /// <summary>Steps skipped one after the other up to now.</summary>
    public int SkippedInARow { get; init; }
}
