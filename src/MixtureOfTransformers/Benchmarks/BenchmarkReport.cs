using System.Collections.Immutable;
using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>All that one benchmark measured, and on what machine.</summary>
internal sealed record BenchmarkReport
{
    /// <summary>The machine; its rates are medians over the whole benchmark.</summary>
    public required MachineReport Machine { get; init; }

    /// <summary>Memory copies, bytes read plus bytes written, in 10⁹ per second.</summary>
    public required double MemoryGbPerSecond { get; init; }

    /// <summary>Rows of a training step, B.</summary>
    public required int BatchRows { get; init; }

    /// <summary>Tokens of a row in training, S.</summary>
    public required int SequenceLength { get; init; }

    /// <summary>Duration of everything.</summary>
    public required double Seconds { get; init; }

    /// <summary>GEMM peaks first, then shape by shape and dtype by dtype.</summary>
    public required ImmutableArray<BenchmarkResult> Results { get; init; }

    /// <summary>Where the time of a training step goes; empty unless it was asked for.</summary>
    public required ImmutableArray<ProfileLine> Profile { get; init; }
}
