using MixtureOfTransformers.Benchmarks;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Training;
using TorchSharp;

namespace MixtureOfTransformers.Tests.Benchmarks;

public sealed class BenchmarkSuiteTests
{
    private static readonly BenchmarkOptions Tiny = new() { Presets = ["tiny"], Rounds = 2, RowCount = 2, Length = 32 };

    [Fact]
    public void EveryCaseIsMeasuredInEveryNumberFormat()
    {
        var results = Run(Tiny).Results;
        string[] work = ["train dense", "train mot-2 spans", "train mot-2 interleaved", "train mot-3 spans", "train mot-3 interleaved", "train moe-4x spans", "train hybrid spans", "train mot-2 spans, torch", "train naive mot-2 spans",
            .. from phase in (string[])["prefill", "decode"] from rows in (int[])[1, 16] from model in (string[])["dense", "mot-2"] select $"{phase} {model} batch {rows}"];
        Assert.Equal((string[])["gemm peak", .. work], results.Where(r => r.Dtype == ComputeType.Fp32).Select(r => r.Name));
        Assert.Equal((string[])["gemm peak", .. work], results.Where(r => r.Dtype == ComputeType.Bf16).Select(r => r.Name));
        Assert.All(results.Where(r => r.Dim is not null), r =>
        {
            Assert.Equal((64, 2, 2), (r.Dim, r.Layers, r.Rounds));
            Assert.True(r.TokensPerSecond > 0 && r.Gflops > 0 && r.PercentOfPeak > 0 && r.RatioToDense > 0, $"{r}");
            Assert.True(r.Milliseconds!.Low <= r.Milliseconds.Median && r.Milliseconds.Median <= r.Milliseconds.High, $"{r}");
            Assert.Equal(r.Name.Contains("decode"), r.PercentOfBandwidth > 0);
        });
        Assert.All(results.Where(r => r.Name.Contains("dense")), r => Assert.Equal(1, r.RatioToDense));
    }

    [Fact]
    public void AProfileAccountsForTheWholeStep()
    {
        var profile = Run(Tiny with { Parts = BenchmarkParts.Profile, ComputeTypes = [ComputeType.Bf16] }).Profile;
        foreach (var step in profile.GroupBy(line => line.Name).SkipLast(1))
        {
            Assert.Equal(["whole step", "attention, full inside images"], step.TakeLast(2).Select(line => line.Operation)); // the last is no part of the step
            Assert.Equal(100, step.SkipLast(1).Last().PercentOfStep, 1e-6);
            Assert.Equal(100, step.SkipLast(2).Sum(line => line.PercentOfStep), 1e-6);
        }
        Assert.Equal((string[])["dense", "mot-2 spans", "mot-2 spans, torch", "mot-2 spans, one kernel less"], profile.Select(line => line.Name).Distinct());
        var ablation = profile.Where(line => line.Name == "mot-2 spans, one kernel less").ToList();
        Assert.Equal(1 + Enum.GetValues<FusedKernel>().Length, ablation.DistinctBy(line => line.Operation).Count());
        Assert.Equal(("whole step", 100.0), (ablation[0].Operation, ablation[0].PercentOfStep));
    }

    [Fact]
    public void NothingIsLeftInMemory()
    {
        Run(Tiny with { Rounds = 1 });
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        Run(Tiny with { Rounds = 1, Parts = BenchmarkParts.Training | BenchmarkParts.Decode | BenchmarkParts.Profile });
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void ACancelledRunStops()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => new BenchmarkSuite(Tiny, IStages.Silent, TimeProvider.System).Run(cancelled.Token));
    }

    private static BenchmarkReport Run(BenchmarkOptions options) => new BenchmarkSuite(options, IStages.Silent, TimeProvider.System).Run(CancellationToken.None);
}
