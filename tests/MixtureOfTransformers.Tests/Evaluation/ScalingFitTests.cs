using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class ScalingFitTests
{
    private static readonly double[] Sizes = [1e5, 3e5, 1e6, 3e6, 1e7, 3e7, 1e8];

    [Theory]
    [InlineData(400, 0.34, 1.69)]
    [InlineData(20, 0.08, 0.5)]
    [InlineData(3e5, 1.0, 2.0)]
    public void ExactLawIsFound(double scale, double exponent, double floor)
    {
        var fit = ScalingFit.Of([.. Sizes.Select(n => (n, Law(scale, exponent, floor, n)))]);
        Assert.Equal(exponent, fit.Exponent, 0.01 * exponent);
        Assert.Equal(floor, fit.Floor, 0.02 * floor);
        Assert.Equal(scale, fit.Scale, 0.05 * scale);
        Assert.True(fit.RelativeError < 1e-4, $"off by {fit.RelativeError}");
        Assert.Equal(Law(scale, exponent, floor, 1e9), fit.LossAt(1e9), 0.01);
    }

    [Fact]
    public void WithFewSizesThereIsNoFloor()
    {
        var fit = ScalingFit.Of([.. Sizes.Take(3).Select(n => (n, Law(50, 0.25, 0, n)))]);
        Assert.Equal((0, 3), (fit.Floor, fit.Count));
        Assert.Equal(0.25, fit.Exponent, 4);
        Assert.Equal(50, fit.Scale, 0.1);
    }

    [Fact]
    public void OneRunThatWentAstrayMovesTheFitLittle()
    {
        var points = Sizes.Select(n => (n, Law(400, 0.34, 1.69, n))).ToArray();
        points[3].Item2 *= 1.3;
        var fit = ScalingFit.Of(points);
        Assert.Equal(0.34, fit.Exponent, 0.02);
        Assert.Equal(1.69, fit.Floor, 0.05);
    }

    [Fact]
    public void NoiseOfAPercentMovesTheExponentLittle()
    {
        var fits = Enumerable.Range(0, 20).Select(seed =>
        {
            var random = new Random(seed);
            return ScalingFit.Of([.. from n in Sizes from _ in Enumerable.Range(0, 3) select (n, Law(400, 0.34, 1.69, n) * (1 + (0.01 * (random.NextDouble() + random.NextDouble() - 1))))]);
        }).ToArray();
        Assert.All(fits, f => Assert.InRange(f.Exponent, 0.28, 0.40));
        Assert.Equal(0.34, fits.Average(f => f.Exponent), 0.015);
    }

    [Fact]
    public void UnitOfTheSizesDoesNotMatter()
    {
        var points = Sizes.Select(n => (n, Law(400, 0.34, 1.69, n) + 0.01 * Math.Sin(n))).ToArray();
        var (fit, scaled) = (ScalingFit.Of(points), ScalingFit.Of([.. points.Select(p => (p.n / 1e6, p.Item2))]));
        Assert.Equal(fit.Exponent, scaled.Exponent, 6);
        Assert.Equal(fit.LossAt(5e6), scaled.LossAt(5), 6);
    }

    [Fact]
    public void LossesThatRiseWithSizeAreFlat()
    {
        var fit = ScalingFit.Of([.. Sizes.Select((n, i) => (n, 2 + (0.1 * i)))]);
        Assert.Equal(0, fit.Scale);
        Assert.InRange(fit.Floor, 2, 2.6);
    }

    [Fact]
    public void ImpossibleInputIsRefused()
    {
        Assert.Contains("2 different sizes", Assert.Throws<MotException>(() => ScalingFit.Of([(1, 2), (1, 3)])).Message);
        Assert.Contains("3 different sizes", Assert.Throws<MotException>(() => ScalingFit.Of([(1, 2), (2, 1)], floor: true)).Message);
        Assert.Contains("loss -1", Assert.Throws<MotException>(() => ScalingFit.Of([(1, 2), (2, -1)])).Message);
        Assert.Contains("size 0", Assert.Throws<MotException>(() => ScalingFit.Of([(0, 0), (2, 1)])).Message);
    }

    private static double Law(double scale, double exponent, double floor, double size) => (scale * Math.Pow(size, -exponent)) + floor;
}
