using MixtureOfTransformers.Benchmarks;

namespace MixtureOfTransformers.Tests.Benchmarks;

public sealed class RoundLimitTests
{
    [Fact]
    public void AnExactNumberIsKeptWhateverTheTime()
    {
        var limit = new RoundLimit(2, TimeSpan.Zero, new ManualTime());
        Assert.Equal((true, true, false), (limit.AllowsAfter(0), limit.AllowsAfter(1), limit.AllowsAfter(2)));
    }

    [Fact]
    public void RoundsFillTheShareButNeverOverdrawIt()
    {
        var time = new ManualTime();
        var limit = new RoundLimit(null, TimeSpan.FromSeconds(10.5), time);
        var done = 0;
        for (time.Advance(1); limit.AllowsAfter(done); done++)
            time.Advance(1);
        Assert.Equal(9, done); // and the warm-up
    }

    [Fact]
    public void ThreeRoundsAreMadeHoweverSlowTheyAre()
    {
        var time = new ManualTime();
        var limit = new RoundLimit(null, TimeSpan.FromSeconds(1), time);
        time.Advance(100);
        Assert.Equal((true, false), (limit.AllowsAfter(2), limit.AllowsAfter(3)));
    }

    [Fact]
    public void WhatAShareLeavesGoesToThoseAfterIt()
    {
        var time = new ManualTime();
        var shares = new TimeShares(TimeSpan.FromSeconds(12), weights: 4, time);
        Assert.Equal(3, shares.Next(1).TotalSeconds, 1e-6);
        time.Advance(6); // three too many
        Assert.Equal(2, shares.Next(1).TotalSeconds, 1e-6);
        Assert.Equal(6, shares.Next(2).TotalSeconds, 1e-6);
    }
}
