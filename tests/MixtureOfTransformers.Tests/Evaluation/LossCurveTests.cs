using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class LossCurveTests
{
    private static readonly LossCurve Good = TestCurves.From(TestCurves.PowerLaw(1), "mot");

    [Fact]
    public void GoodCurveIsAccepted() => Assert.Same(Good, Good.Validate());

    [Fact]
    public void EmptyCurveIsRefused() => AssertRefused(Good with { Points = [] }, "no points");

    [Fact]
    public void NumbersThatAreNotFiniteAreRefusedWithTheirStep() => AssertRefused(Good.MapLoss(_ => double.NaN), "step 0");

    [Fact]
    public void NegativeCostsAreRefused() => AssertRefused(Good with { Points = [new(0, 0, -1, 3)] }, "seconds -1");

    [Fact]
    public void StepsThatDoNotIncreaseAreRefused() => AssertRefused(Good with { Points = [new(5, 0, 0, 3), new(5, 1, 1, 3)] }, "back in time at step 5");

    [Fact]
    public void SecondsThatFallAreRefused() => AssertRefused(Good with { Points = [new(5, 0, 2, 3), new(6, 1, 1, 3)] }, "back in time at step 6");

    private static void AssertRefused(LossCurve curve, string words)
    {
        var message = Assert.Throws<MotException>(curve.Validate).Message;
        Assert.Contains(words, message);
        Assert.Contains("image loss curve of 'mot'", message);
    }
}
