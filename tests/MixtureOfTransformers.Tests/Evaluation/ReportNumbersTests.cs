using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class ReportNumbersTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(950, "950")]
    [InlineData(999.7, "1K")]
    [InlineData(1_234_567, "1.23M")]
    [InlineData(36_964_864, "37M")]
    [InlineData(442_552_320, "443M")]
    [InlineData(999_600_000, "1B")]
    [InlineData(13_489_430_528, "13.5B")]
    public void CountsHaveThreeDigits(double count, string text) => Assert.Equal(text, ReportNumbers.Count(count));

    [Theory]
    [InlineData(0, "0 FLOPs")]
    [InlineData(512, "512 FLOPs")]
    [InlineData(3.412e12, "3.41 TFLOPs")]
    [InlineData(1e25, "10 YFLOPs")]
    public void FlopsHaveAUnit(double flops, string text) => Assert.Equal(text, ReportNumbers.Flops(flops));

    [Theory]
    [InlineData(8.24, "8.2 s")]
    [InlineData(128.4, "128 s")]
    [InlineData(1278, "21.3 min")]
    [InlineData(12_240, "3.4 h")]
    public void DurationsKeepToOneUnit(double seconds, string text) => Assert.Equal(text, ReportNumbers.Duration(seconds));

    [Theory]
    [InlineData(0.613, "61%")]
    [InlineData(1.356, "136%")]
    [InlineData(0.0714, "7.1%")]
    [InlineData(0, "0%")]
    public void SharesAreWholePerCentUnlessSmall(double share, string text) => Assert.Equal(text, ReportNumbers.Percent(share));

    [Fact]
    public void MissingRatioIsCalledNotReached() => Assert.Equal(("0.61", "not reached"), (ReportNumbers.Ratio(0.6134), ReportNumbers.Ratio(null)));
}
