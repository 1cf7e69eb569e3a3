using System.Collections.Immutable;
using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>All that one benchmark measured, and on what machine.</summary>
internal sealed record BenchmarkReport
{
    /// <summary>The machine; its rates are those of <see cref="Device"/>, medians over the whole benchmark.</summary>
    public required MachineReport Machine { get; init; }

    /// <summary>Where the models were: <c>cpu</c>, or <c>cuda</c> and the number of the device.</summary>
    public required string Device { get; init; }

    /// <summary>Name of the GPU; null on the CPU, and where it is not known.</summary>
    public string? Gpu { get; init; }

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
