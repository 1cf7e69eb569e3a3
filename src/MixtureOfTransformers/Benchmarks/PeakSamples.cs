using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>What the device and its memory reach, measured several times over a benchmark: results are shares of the medians.</summary>
/// <param name="measure">Measures, once at the start; takes about a second.</param>
internal sealed class PeakSamples(Func<ComputeRates> measure)
{
    private readonly List<ComputeRates> _samples = [measure()];

    /// <summary>Measures once more.</summary>
    public void Add() => _samples.Add(measure());

    /// <summary>The medians.</summary>
    public ComputeRates Rates => new(Median(s => s.Fp32GflopPerSecond), Median(s => s.Bf16GflopPerSecond), Median(s => s.MemoryGbPerSecond));

    /// <summary>The GEMM peak of a number format as a result.</summary>
    public BenchmarkResult Result(ComputeType type) => new()
    {
        Name = "gemm peak",
        Dtype = type,
        Gflops = Gemm(type),
        PercentOfPeak = 100,
        Rounds = _samples.Count,
    };

    /// <summary>The same result with its shares of the peaks.</summary>
    public BenchmarkResult Compare(BenchmarkResult result) => result with
    {
        PercentOfPeak = 100 * result.Gflops / Gemm(result.Dtype),
        PercentOfBandwidth = 100 * result.GbPerSecond / Rates.MemoryGbPerSecond,
    };

    private double Gemm(ComputeType type) => type == ComputeType.Bf16 ? Rates.Bf16GflopPerSecond : Rates.Fp32GflopPerSecond;

    private double Median(Func<ComputeRates, double> rate) => Spread.Of(_samples.Select(rate)).Median;
}
