using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Fact]
    public void CosineReproducesTheReference()
    {
        using var scope = NewDisposeScope();
        using var golden = Safetensors.Load(Path.Combine(AppContext.BaseDirectory, "Golden", "lr_cosine.safetensors"));
        var expected = golden.Read("out.mult_warm_step_plus1").data<float>();
        var schedule = new LearningRateSchedule(ScheduleKind.Cosine, 1, 0.05, 10);
        var steps = golden.Read("in.step").to(ScalarType.Int64).data<long>().ToArray();
        Assert.Equal(111, steps.Length);
        foreach (var step in steps)
            Assert.Equal(expected[step], schedule.At(step, 100), 1e-6);
    }

    [Theory]
    [InlineData(ScheduleKind.Cosine, 0.55)]
    [InlineData(ScheduleKind.Linear, 0.55)]
    [InlineData(ScheduleKind.Constant, 1.0)]
    [InlineData(ScheduleKind.WarmupStableDecay, 1.0)]
    public void EveryKindWarmsUpAndEndsAtItsMinimum(ScheduleKind kind, double halfWay)
    {
        var schedule = new LearningRateSchedule(kind, 1, 0.1, 20);
        Assert.Equal(0.05, schedule.At(0, 120), 1e-12);
        Assert.Equal(0.5, schedule.At(9, 120), 1e-12);
        Assert.Equal(1, schedule.At(20, 120), 1e-12);
        Assert.Equal(halfWay, schedule.At(70, 120), 1e-12);
        Assert.Equal(kind == ScheduleKind.Constant ? 1 : 0.1, schedule.At(120, 120), 1e-12);
        Assert.Equal(kind == ScheduleKind.Constant ? 1 : 0.1, schedule.At(500, 120), 1e-12);
    }

    [Fact]
    public void StableScheduleDecaysOverItsLastFifth()
    {
        var schedule = new LearningRateSchedule(ScheduleKind.WarmupStableDecay, 1, 0, 10);
        Assert.Equal(1, schedule.At(80, 100), 1e-12);
        Assert.Equal(0.5, schedule.At(90, 100), 1e-12);
    }

    [Fact]
    public void WarmupDefaultsToATwentiethOfTheRun() => Assert.Equal(0.5, new LearningRateSchedule(ScheduleKind.Cosine, 1, 0, null).At(4, 200), 1e-12);
}
