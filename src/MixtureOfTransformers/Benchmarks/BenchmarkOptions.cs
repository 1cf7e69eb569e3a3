using System.Collections.Immutable;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>What a benchmark measures and for how long.</summary>
internal sealed record BenchmarkOptions
{
    /// <summary>What fills a GPU: wider shapes, 32 768 tokens a step, bf16 alone.</summary>
    public static BenchmarkOptions OfGpu { get; } = new() { Presets = ["medium", "large"], ComputeTypes = [ComputeType.Bf16], RowCount = 32, Length = 1024, Time = TimeSpan.FromMinutes(1.5) };

    /// <summary>Where models and data live, as libtorch names it.</summary><value>The CPU.</value>
    public string Device { get; init; } = "cpu";

    /// <summary>Names of the presets whose shapes are measured.</summary><value>small, medium.</value>
    public ImmutableArray<string> Presets { get; init; } = ["small", "medium"];

    /// <summary>Number formats of activations; weights are fp32.</summary><value>Both.</value>
    public ImmutableArray<ComputeType> ComputeTypes { get; init; } = [ComputeType.Fp32, ComputeType.Bf16];

    /// <summary>What to measure.</summary><value>Training and decoding.</value>
    public BenchmarkParts Parts { get; init; } = BenchmarkParts.Training | BenchmarkParts.Decode;

    /// <summary>Rounds of every measurement, a warm-up apart.</summary><value>Null: as many as fit <see cref="Time"/>.</value>
    public int? Rounds { get; init; }

    /// <summary>Time for everything; on a slow machine a few rounds of each may take longer.</summary><value>3.5 minutes.</value>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(3.5);

    /// <summary>Rows of a training step, B.</summary><value>4.</value>
    public int RowCount { get; init; } = 4;

    /// <summary>Tokens of a row in training, S.</summary><value>512.</value>
    public int Length { get; init; } = 512;
}
