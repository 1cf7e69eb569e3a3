using MixtureOfTransformers.Benchmarks;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Tests.Benchmarks;

public sealed class CudaBenchmarkTests
{
    [Fact]
    public void EveryCaseIsMeasuredOnAGpu()
    {
        var options = new BenchmarkOptions { Device = CudaDevice.Require().ToString(), Presets = ["tiny"], Rounds = 2, RowCount = 2, Length = 32, Parts = BenchmarkParts.Training | BenchmarkParts.Decode | BenchmarkParts.Profile };
        var report = new BenchmarkSuite(options, IStages.Silent, TimeProvider.System).Run(CancellationToken.None);
        Assert.Equal("cuda:0", report.Device);
        Assert.All(report.Results.Where(r => r.Dim is not null), r => Assert.True(r.TokensPerSecond > 0 && r.PercentOfPeak > 0 && r.PeakMemoryBytes is null, $"{r}"));
        Assert.NotEmpty(report.Profile);
    }
}
