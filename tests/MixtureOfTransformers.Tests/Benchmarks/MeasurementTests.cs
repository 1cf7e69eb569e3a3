using MixtureOfTransformers.Benchmarks;
using MixtureOfTransformers.Models;
using TorchSharp;

namespace MixtureOfTransformers.Tests.Benchmarks;

public sealed class MeasurementTests
{
    [Fact]
    public void SpreadIsMedianAndTenthAndNinetiethPercentile()
    {
        Assert.Equal(new Spread(6, 2, 10), Spread.Of([11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
        Assert.Equal(new Spread(5, 5, 5), Spread.Of([5]));
        Assert.Equal(1.5, Spread.Of([2, 1]).Median);
    }

    [Fact]
    public void DecodingReadsWeightsOncePerTowerAndKeysOncePerRow()
    {
        var config = new MotConfig { VocabularySize = 10, Dim = 4, LayerCount = 2, HeadCount = 2, FeedForwardDim = 8 };
        const double Layer = (4 * 4 * 4) + (3 * 4 * 8), Head = 10 * 4, KeysAndValues = 2 * 4 * 2;
        Assert.Equal(2 * ((2 * Layer) + Head + (7 * KeysAndValues)), DecodingTraffic.BytesPerStep(config, towersInUse: 1, rows: 1, keys: 7, elementBytes: 2));
        Assert.Equal(4 * ((4 * Layer) + Head + (3 * 7 * KeysAndValues)), DecodingTraffic.BytesPerStep(config, towersInUse: 2, rows: 3, keys: 7, elementBytes: 4));
    }

    [Fact]
    public void PeakMemoryIsReadFromTheStatusFile()
    {
        Assert.Equal(1234L * 1024, PeakMemory.Parse(["Name:\tmot", "VmPeak:\t  99 kB", "VmHWM:\t    1234 kB"]));
        Assert.Null(PeakMemory.Parse(["Name:\tmot"]));
    }

    [Fact]
    public void PeakMemoryIsAtLeastWhatIsInUse()
    {
        using var held = torch.ones(1 << 26); // whatever other tests hold, free or reset at the same time
        if (PeakMemory.Read() is not { } peak)
        {
            Assert.Skip("this system does not tell the peak of resident memory");
            return;
        }
        Assert.True(peak >= 1L << 28, $"{peak} bytes");
    }
}
