using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class MeanCurveTests
{
    [Fact]
    public void MeanAndBandAreThoseWorkedOutByHand()
    {
        var mean = MeanCurve.Of([Curve((10, 1, 4), (20, 2, 3)), Curve((10, 2, 5), (20, 6, 3.5))]);
        Assert.Equal([new(new(10, 10, 1.5, 4.5), 4, 5), new MeanPoint(new(20, 20, 4, 3.25), 3, 3.5)], mean.Points);
    }

    [Fact]
    public void OtherStepsAreInterpolatedAsFarAsAllRunsGo()
    {
        var mean = MeanCurve.Of([Curve((10, 1, 4), (20, 2, 3), (40, 4, 2)), Curve((10, 1, 4), (30, 3, 2))]);
        Assert.Equal([10L, 20L], mean.Points.Select(p => p.Mean.Step));
        Assert.Equal(3, mean.Points[1].Mean.Loss); // 3 and halfway from 4 to 2
    }

    private static LossCurve Curve(params (long Step, double Seconds, double Loss)[] points) => new()
    {
        Architecture = "mot",
        Modality = ModalityId.Text,
        Points = [.. points.Select(p => new LossPoint(p.Step, p.Step, p.Seconds, p.Loss))],
    };
}
