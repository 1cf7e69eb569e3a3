using MixtureOfTransformers.Kernels;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed unsafe class SharesTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(31, 1)]
    [InlineData(64, 2)]
    [InlineData(100, 3)]
    [InlineData(10_000, 16)]
    [InlineData(5_000_000_000, 16)]
    public void SharesCoverAllRowsAndAreFew(long rows, int count)
    {
        var shares = new Shares(rows, least: 32, size: 1);
        Assert.Equal(count, shares.Count);
        Assert.Equal(0, shares.Start(0));
        Assert.Equal(rows, shares.Start(count));
        Assert.All(Enumerable.Range(0, count), share => Assert.True(count == 1 || shares.Start(share + 1) - shares.Start(share) >= 32));
    }

    [Fact]
    public void TotalsAreTheSumsOverAllShares()
    {
        const int Size = 20;
        var shares = new Shares(rows: 100, least: 32, Size);
        for (var share = 0; share < shares.Count; share++)
            for (var i = 0; i < Size; i++)
            {
                Assert.Equal(0, shares.Of(share)[i]);
                shares.Of(share)[i] = (100 * i) + share;
            }
        var total = new float[Size];
        fixed (float* to = total)
            shares.SumInto(to);
        Assert.All(total, (sum, i) => Assert.Equal((300 * i) + 3, sum));
    }
}
