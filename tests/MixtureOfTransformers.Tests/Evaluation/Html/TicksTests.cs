using CsCheck;
using MixtureOfTransformers.Evaluation.Html;

namespace MixtureOfTransformers.Tests.Evaluation.Html;

public sealed class TicksTests
{
    [Fact]
    public void LinearTicksAreRound() => Assert.Equal([0.0, 200, 400, 600, 800, 1000, 1200], Ticks.Between((0, 1200), log: false, 6));

    [Fact]
    public void LogarithmicTicksAreOneTwoFive() => Assert.Equal([20.0, 50, 100, 200, 500, 1000], Ticks.Between((15, 1200), log: true, 6));

    [Fact]
    public void ShortLogarithmicRangesHaveEvenTicks() => Assert.Equal([2.0, 2.2, 2.4, 2.6, 2.8], Ticks.Between((1.9, 2.9), log: true, 6), (a, b) => Math.Abs(a - b) < 1e-9);

    [Fact]
    public void AnyRangeHasAFewTicksInside() => Gen.Select(Gen.Double[1e-6, 1e6], Gen.Double[1.0001, 1e9], Gen.Bool).Sample((min, factor, log) =>
    {
        var ticks = Ticks.Between((min, min * factor), log, 6);
        Assert.InRange(ticks.Length, 1, 9);
        Assert.Equal(ticks.Order(), ticks);
        Assert.All(ticks, t => Assert.InRange(t, min * 0.99, min * factor * 1.01));
    }, seed: "0000000000B1");
}
