using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>One row of the results. A field is null where it does not apply.</summary>
internal sealed record BenchmarkResult
{
    /// <summary>What was measured, for instance <c>train mot-2 spans</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Number format of activations.</summary>
    [JsonConverter(typeof(SnakeCaseEnumConverter<ComputeType>))]
    public required ComputeType Dtype { get; init; }

    /// <summary>Model width, D.</summary>
    public int? Dim { get; init; }

    /// <summary>Layers, L.</summary>
    public int? Layers { get; init; }

    /// <summary>Rows computed together, B.</summary>
    public int? Rows { get; init; }

    /// <summary>Measurements behind the medians.</summary>
    public int? Rounds { get; init; }

    /// <summary>Tokens per second, from the median time.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>Matmul FLOPs as <see cref="Models.Flops"/> counts them, in 10⁹ per second, from the median time.</summary>
    public double? Gflops { get; init; }

    /// <summary><see cref="Gflops"/> in percent of the GEMM peak of this dtype.</summary>
    public double? PercentOfPeak { get; init; }

    /// <summary>Bytes that decoding cannot do without (<see cref="DecodingTraffic"/>), in 10⁹ per second, from the median time.</summary>
    public double? GbPerSecond { get; init; }

    /// <summary><see cref="GbPerSecond"/> in percent of what memory copies move. May exceed 100 where a model fits the caches.</summary>
    public double? PercentOfBandwidth { get; init; }

    /// <summary>Median over the rounds of this time by the dense model's in the same round.</summary>
    public double? RatioToDense { get; init; }

    /// <summary>Most resident memory of the process while this ran, less the weights, gradients and moments of the other models that were kept alive; runtime and
    /// libraries are included. Null where the system does not tell, and for GPUs: TorchSharp does not ask libtorch's allocator.</summary>
    public long? PeakMemoryBytes { get; init; }

    /// <summary>Time of one: training step, prefill of all rows, or decoding step of one token per row.</summary>
    public Spread? Milliseconds { get; init; }

    /// <summary>Of a training step: routing, model and loss. On a GPU the parts are timed in steps of their own, which wait for the device after each part.</summary>
    public Spread? ForwardMilliseconds { get; init; }

    /// <summary>Of a training step: the gradients.</summary>
    public Spread? BackwardMilliseconds { get; init; }

    /// <summary>Of a training step: norm and clipping of the gradients, AdamW.</summary>
    public Spread? OptimizerMilliseconds { get; init; }
}
