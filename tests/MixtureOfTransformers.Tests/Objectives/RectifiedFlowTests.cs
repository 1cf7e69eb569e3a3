using MixtureOfTransformers.Data;
using MixtureOfTransformers.Objectives;

namespace MixtureOfTransformers.Tests.Objectives;

public sealed class RectifiedFlowTests
{
    [Fact]
    public void ThePathIsStraightAndTheTargetIsItsDirection()
    {
        var flow = new RectifiedFlow();
        Assert.Equal(new(0.75, 0.25), flow.At(0.25));
        Assert.Equal(new(-1, 1), flow.Target);
        Assert.Equal(250, flow.Condition(0.25));
        Assert.Equal(new(1, 0), flow.At(0));
    }

    [Fact]
    public void TheOtherConventionCountsTimeFromTheNoise()
    {
        var flow = new RectifiedFlow(fromNoise: true);
        Assert.Equal(new(0.75, 0.25), flow.At(0.25)); // the same path
        Assert.Equal(new(1, -1), flow.Target);
        Assert.Equal(750, flow.Condition(0.25));
    }

    [Theory]
    [InlineData(1, 0.5, 0.5)]
    [InlineData(3, 0.5, 0.75)]
    [InlineData(4, 0.2, 0.5)]
    public void TheShiftRaisesLevels(double shift, double level, double expected)
    {
        var levels = new RectifiedFlow(shift).Levels(10);
        Assert.Equal((1, 0), (levels[0], levels[^1]));
        Assert.Equal(expected, levels[(int)Math.Round(10 * (1 - level))], 1e-12);
    }

    [Theory]
    [InlineData(1, 1, 0.5)]
    [InlineData(3, 1, 0.75)]
    [InlineData(1, 0.5, 0.25)]
    public void DrawnLevelsAreLogitNormalShiftedAndLimited(double shift, double limit, double median)
    {
        var (flow, random) = (new RectifiedFlow(shift), new SeededRandom(2));
        var drawn = Enumerable.Range(0, 20_000).Select(_ => flow.Draw(random, limit)).Order().ToArray();
        Assert.InRange(drawn[0], 0, limit);
        Assert.InRange(drawn[^1], 0, limit);
        Assert.Equal(median, drawn[drawn.Length / 2], 0.01);
        if (shift == 1)
            Assert.Equal(limit / (1 + Math.Exp(-1)), drawn[(int)(0.8413 * drawn.Length)], 0.01); // one deviation up
    }
}
