using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class SeedSpreadTests
{
    [Fact]
    public void MeanAndSampleDeviationAreThoseWorkedOutByHand()
    {
        var spread = SeedSpread.Of([0.4, 0.5, 0.9]);
        Assert.Equal(0.6, spread.Mean!.Value, 12);
        Assert.Equal(0.264575131106459, spread.Deviation!.Value, 12); // √((0.04 + 0.01 + 0.09) / 2) = √0.07
        Assert.Equal((3, 3), (spread.Count, spread.SeedCount));
    }

    [Fact]
    public void SeedsWithoutTheNumberAreCountedAndSaid()
    {
        var spread = SeedSpread.Of([0.4, null, 0.6]);
        Assert.Equal((0.5, 2, 3), (spread.Mean!.Value, spread.Count, spread.SeedCount));
        Assert.Equal("0.50 ± 0.14 (2 of 3)", Ratio(spread));
        Assert.Equal("0.4, not reached, 0.6", SpreadText.InFull(spread, ReportNumbers.NotReached));
    }

    [Fact]
    public void NoSeedIsNotReached()
    {
        var spread = SeedSpread.Of([null, null]);
        Assert.Equal((null, null, 0, 2), (spread.Mean, spread.Deviation, spread.Count, spread.SeedCount));
        Assert.Equal("not reached", Ratio(spread));
    }

    [Fact]
    public void OneSeedHasNoDeviation()
    {
        Assert.Null(SeedSpread.Of([0.4]).Deviation);
        Assert.Equal("0.40", Ratio(SeedSpread.Of([0.4])));
        Assert.Equal("0.40 (1 of 2)", Ratio(SeedSpread.Of([0.4, null])));
    }

    private static string Ratio(SeedSpread spread) => SpreadText.Of(spread, r => ReportNumbers.Ratio(r), ReportNumbers.NotReached);
}
