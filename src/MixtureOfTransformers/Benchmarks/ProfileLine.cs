using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>One kind of operation in a training step, timed alone on inputs of the right shape.</summary>
internal sealed record ProfileLine
{
    /// <summary>The training case, for instance <c>mot-2 spans</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Number format of activations.</summary>
    [JsonConverter(typeof(SnakeCaseEnumConverter<ComputeType>))]
    public required ComputeType Dtype { get; init; }

    /// <summary>Model width, D.</summary>
    public required int Dim { get; init; }

    /// <summary>Layers, L.</summary>
    public required int Layers { get; init; }

    /// <summary>The operation; <c>whole step</c> is a real step, and <c>not accounted for</c> what it takes beyond the others. Of a case with one kernel less, the whole step in which that
    /// operation is left to torch.</summary>
    public required string Operation { get; init; }

    /// <summary>Median forward time in one step, all layers.</summary>
    public required double ForwardMilliseconds { get; init; }

    /// <summary>Median backward time in one step, all layers; of the optimizer and the whole step, what comes after forward.</summary>
    public required double BackwardMilliseconds { get; init; }

    /// <summary>Both, in percent of the whole step.</summary>
    public required double PercentOfStep { get; init; }
}
