using MixtureOfTransformers.Models;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>One shape in one number format.</summary>
/// <param name="Config">The shape; modalities and towers are those of each case.</param>
/// <param name="ComputeType">Dtype of activations.</param>
internal sealed record BenchmarkShape(MotConfig Config, ComputeType ComputeType)
{
    /// <summary>The dtype as libtorch names it.</summary>
    public ScalarType ScalarType => ComputeType == ComputeType.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>A result of this shape, yet without figures.</summary>
    /// <param name="name">What is measured.</param>
    /// <param name="rows">Rows computed together.</param>
    /// <param name="milliseconds">Times of one.</param>
    /// <param name="rounds">Measurements.</param>
    public BenchmarkResult Result(string name, int rows, Spread milliseconds, int rounds) =>
        new() { Name = name, Dtype = ComputeType, Dim = Config.Dim, Layers = Config.LayerCount, Rows = rows, Milliseconds = milliseconds, Rounds = rounds };
}
