using CsCheck;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class StepMatchingTests
{
    [Theory]
    [InlineData(0.25)]
    [InlineData(0.558)]
    [InlineData(0.9)]
    [InlineData(1.0)]
    [InlineData(1.3)]
    public void TwoPowerLawsGiveTheirHorizontalFactor(double factor)
    {
        var match = StepMatching.Match(TestCurves.From(TestCurves.PowerLaw(1)), TestCurves.From(TestCurves.PowerLaw(factor), "mot", steps: 1400), CostAxis.Steps);
        Assert.Equal(MatchOutcome.Reached, match.Outcome);
        AssertWithin(0.01, factor, match.Slope);
        AssertWithin(0.01, factor, match.EndRatio);
        Assert.Equal(1, match.MatchedFraction);
        Assert.Equal("mot", match.Architecture);
    }

    [Theory]
    [InlineData(0.4)]
    [InlineData(0.8)]
    public void NoiseMovesTheFactorLittle(double factor)
    {
        var slopes = Enumerable.Range(0, 20).Select(seed => StepMatching.Match(
            TestCurves.From(TestCurves.Noisy(TestCurves.PowerLaw(1), 0.02, seed), every: 2),
            TestCurves.From(TestCurves.Noisy(TestCurves.PowerLaw(factor), 0.02, 1000 + seed), "mot", every: 2), CostAxis.Steps).Slope!.Value).ToArray();
        Assert.All(slopes, s => AssertWithin(0.05, factor, s));
        AssertWithin(0.01, factor, slopes.Average());
    }

    [Fact]
    public void SmoothingIsWhatMakesNoiseBearable()
    {
        var dense = TestCurves.From(TestCurves.Noisy(TestCurves.PowerLaw(1), 0.1, 1), every: 2);
        var sparse = TestCurves.From(TestCurves.Noisy(TestCurves.PowerLaw(0.6), 0.1, 2), "mot", every: 2);
        var smoothed = Math.Abs(StepMatching.Match(dense, sparse, CostAxis.Steps).Slope!.Value - 0.6);
        var raw = Math.Abs(StepMatching.Match(dense, sparse, CostAxis.Steps, smoothing: 0).Slope!.Value - 0.6);
        Assert.True(smoothed < raw / 2, $"off by {smoothed} with smoothing, {raw} without");
    }

    [Fact]
    public void LossThatIsNotReachedIsReportedNotExtrapolated()
    {
        // At factor 2 and as many steps, the slower run ends where the dense one was at half of its steps.
        var match = StepMatching.Match(TestCurves.From(TestCurves.PowerLaw(1)), TestCurves.From(TestCurves.PowerLaw(2), "slow"), CostAxis.Steps);
        Assert.Equal(MatchOutcome.NotReached, match.Outcome);
        Assert.Null(match.EndRatio);
        AssertWithin(0.01, 0.5, match.MatchedFraction);
        AssertWithin(0.01, 2, match.Slope);
        Assert.All(match.Points, p => Assert.True(p.Sparse <= 1000 && p.Dense <= 500));
    }

    [Fact]
    public void RunThatNeverComesNearHasNoSlope()
    {
        var match = StepMatching.Match(TestCurves.From(TestCurves.PowerLaw(1)), TestCurves.From(_ => 9, "broken"), CostAxis.Steps);
        Assert.Equal((MatchOutcome.NotReached, null, null, 0.0), (match.Outcome, match.Slope, match.EndRatio, match.MatchedFraction));
        Assert.Empty(match.Points);
    }

    [Fact]
    public void RunThatIsBelowFromItsFirstPointIsThereByThen()
    {
        var match = StepMatching.Match(TestCurves.From(TestCurves.PowerLaw(1)), TestCurves.From(_ => 1, "oracle", first: 50), CostAxis.Steps);
        Assert.Equal((MatchOutcome.BeforeFirstPoint, null, 0.05, 1.0), (match.Outcome, match.Slope, match.EndRatio, match.MatchedFraction)); // at step 50 of 1 000
    }

    [Fact]
    public void DenseRunThatNeverImprovesLeavesNothingToMatch()
    {
        var match = StepMatching.Match(TestCurves.From(t => 5 + t), TestCurves.From(TestCurves.PowerLaw(1), "mot"), CostAxis.Steps);
        Assert.Equal((MatchOutcome.NothingToMatch, null, 0.0), (match.Outcome, match.EndRatio, match.MatchedFraction));
    }

    [Fact]
    public void DenseRunThatOverfitsIsMatchedAtItsBest()
    {
        static double Overfit(long t) => 3 + Math.Abs(t - 600) / 300.0;
        var match = StepMatching.Match(TestCurves.From(Overfit), TestCurves.From(t => Overfit(2 * t), "mot"), CostAxis.Steps, smoothing: 0);
        Assert.Equal(0.5, match.EndRatio!.Value, 12);
        AssertWithin(0.01, 0.5, match.Slope);
    }

    [Fact]
    public void HowFarAWorseRunGetsIsAShareOfTheStepsToTheBestLoss()
    {
        static double Overfit(long t) => 3 + Math.Abs(t - 600) / 300.0;
        var match = StepMatching.Match(TestCurves.From(Overfit), TestCurves.From(t => Math.Max(3.5, Overfit(t)), "mot"), CostAxis.Steps, smoothing: 0);
        Assert.Equal(MatchOutcome.NotReached, match.Outcome);
        AssertWithin(0.01, 450.0 / 600, match.MatchedFraction); // the dense run has loss 3.5 at step 450, and its best at 600
    }

    [Theory]
    [InlineData(0.348, 1.355)] // MoT, image: 0.472 in time
    [InlineData(0.634, 1.686)] // MoE-4x, text: 1.070 in time
    public void SlopeInTimeOverSlopeInStepsIsTheStepTimeRatio(double factor, double stepTimeRatio)
    {
        var dense = TestCurves.From(TestCurves.Noisy(TestCurves.PowerLaw(1), 0.01, 1), every: 5, secondsPerStep: 0.7);
        var sparse = TestCurves.From(TestCurves.Noisy(TestCurves.PowerLaw(factor), 0.01, 2), "mot", every: 5, secondsPerStep: 0.7 * stepTimeRatio);
        var steps = StepMatching.Match(dense, sparse, CostAxis.Steps);
        var seconds = StepMatching.Match(dense, sparse, CostAxis.Seconds);
        Assert.Equal(stepTimeRatio, seconds.Slope!.Value / steps.Slope!.Value, 9);
        Assert.Equal(stepTimeRatio, seconds.EndRatio!.Value / steps.EndRatio!.Value, 9);
        Assert.Equal(steps.Slope!.Value, StepMatching.Match(dense, sparse, CostAxis.Flops).Slope!.Value, 9); // equal FLOPs per step
        AssertWithin(0.03, factor * stepTimeRatio, seconds.Slope);
    }

    [Fact]
    public void StepTimeRatioIsTheQuotientOfTheSlopesForAnyRun() => Gen.Select(AnyCurve, AnyCurve, Gen.Double[0.3, 3]).Sample((dense, sparse, ratio) =>
    {
        LossCurve Paced(LossCurve curve, double secondsPerStep) => curve with { Points = [.. curve.Points.Select(p => p with { Seconds = secondsPerStep * p.Step })] };
        var steps = StepMatching.Match(Paced(dense, 0.7), Paced(sparse, 0.7 * ratio), CostAxis.Steps);
        var seconds = StepMatching.Match(Paced(dense, 0.7), Paced(sparse, 0.7 * ratio), CostAxis.Seconds);
        AssertWithin(1e-9, steps.Slope * ratio, seconds.Slope);
        AssertWithin(1e-9, steps.EndRatio * ratio, seconds.EndRatio);
    }, seed: "0000000000A7");

    [Theory]
    [InlineData(0.348)]
    [InlineData(0.8)]
    public void TrainingLossesOfEveryStepGiveTheFactorThroughTheirNoise(double factor)
    {
        var slopes = Enumerable.Range(0, 5).Select(seed => StepMatching.Match(Training("dense", 1, seed), Training("mot", factor, 100 + seed), CostAxis.Steps)).ToArray();
        Assert.All(slopes, m => AssertWithin(0.06, factor, m.Slope));
        AssertWithin(0.02, factor, slopes.Average(m => m.Slope!.Value));
        AssertWithin(0.03, factor, slopes.Average(m => m.EndRatio!.Value));
        Assert.All(slopes, m => Assert.Equal(CurveSplit.Training, m.Split));

        static LossCurve Training(string name, double factor, int seed) =>
            TestCurves.From(TestCurves.Noisy(TestCurves.PowerLaw(factor), 0.15, seed), name, steps: 20_000, every: 1, first: 1, split: CurveSplit.Training);
    }

    [Fact]
    public void KeepingSomePointsOfALongCurveChangesLittle()
    {
        var law = TestCurves.From(TestCurves.PowerLaw(1), steps: 20_000, every: 1, first: 1);
        var smoothed = LocalLinearSmoothing.Smooth(law.Points, StepMatching.DefaultSmoothing);
        Assert.InRange(smoothed.Length, 100, 500);
        Assert.Equal((law.Points[0].Step, law.Points[^1].Step), (smoothed[0].Step, smoothed[^1].Step));
        Assert.All(smoothed.Where(p => p.Step > 20), p => Assert.Equal(law.Points[(int)p.Step - 1].Loss, p.Loss, 0.01));
    }

    [Fact]
    public void CurvesOfDifferentModalitiesAreRefused()
    {
        var image = TestCurves.From(TestCurves.PowerLaw(1));
        Assert.Throws<MotException>(() => StepMatching.Match(image, image with { Modality = ModalityId.Text }, CostAxis.Steps));
        Assert.Throws<MotException>(() => StepMatching.Match(image, image with { Split = CurveSplit.Training }, CostAxis.Steps));
    }

    [Fact]
    public void IdenticalCurvesGiveExactlyOne() => AnyCurve.Sample(curve =>
    {
        foreach (var axis in Enum.GetValues<CostAxis>())
        {
            var match = StepMatching.Match(curve, curve, axis);
            Assert.Equal(1.0, match.MatchedFraction);
            Assert.Equal(1.0, match.Slope);
            Assert.Equal(1.0, match.EndRatio);
        }
    }, seed: "0000000000A1");

    [Fact]
    public void RescalingLossesOfBothRunsChangesNothing() => Gen.Select(AnyCurve, AnyCurve, Gen.Double[0.1, 10], Gen.Double[-3, 3]).Sample((dense, sparse, scale, shift) =>
    {
        var match = StepMatching.Match(dense, sparse, CostAxis.Steps);
        var mapped = StepMatching.Match(dense.MapLoss(l => scale * l + shift), sparse.MapLoss(l => scale * l + shift), CostAxis.Steps);
        Assert.Equal(match.Outcome, mapped.Outcome);
        AssertWithin(1e-6, match.Slope, mapped.Slope);
        AssertWithin(1e-6, match.EndRatio, mapped.EndRatio);
    }, seed: "0000000000A2");

    [Fact]
    public void AnyIncreasingMapOfTheLossesKeepsWhatIsReached() => Gen.Select(AnyCurve, AnyCurve).Sample((dense, sparse) =>
    {
        var match = StepMatching.Match(dense, sparse, CostAxis.Steps, smoothing: 0);
        var mapped = StepMatching.Match(dense.MapLoss(Math.Exp), sparse.MapLoss(Math.Exp), CostAxis.Steps, smoothing: 0);
        Assert.Equal(match.Outcome, mapped.Outcome);
        Assert.Equal(match.Points.Select(p => p.Dense), mapped.Points.Select(p => p.Dense));
        foreach (var (a, b) in match.Points.Zip(mapped.Points)) // t_s stays between the same two measurements
            Assert.Equal(sparse.Points.Count(p => p.Step < a.Sparse), sparse.Points.Count(p => p.Step < b.Sparse));
    }, seed: "0000000000A3");

    [Fact]
    public void SlowerStepsScaleEveryAnswer() => Gen.Select(AnyCurve, AnyCurve, Gen.Double[0.2, 5]).Sample((dense, sparse, factor) =>
    {
        var match = StepMatching.Match(dense, sparse, CostAxis.Seconds);
        var slower = StepMatching.Match(dense, sparse with { Points = [.. sparse.Points.Select(p => p with { Seconds = factor * p.Seconds })] }, CostAxis.Seconds);
        AssertWithin(1e-9, match.Slope * factor, slower.Slope);
        AssertWithin(1e-9, match.EndRatio * factor, slower.EndRatio);
    }, seed: "0000000000A4");

    [Fact]
    public void LowerLossesAreNeverReachedLater() => Gen.Select(AnyCurve, AnyCurve, Gen.Double[0, 1]).Sample((dense, sparse, gain) =>
    {
        var before = StepMatching.Match(dense, sparse, CostAxis.Steps, smoothing: 0);
        var after = StepMatching.Match(dense, sparse.MapLoss(l => l - gain), CostAxis.Steps, smoothing: 0);
        Assert.True(after.MatchedFraction >= before.MatchedFraction);
        foreach (var (a, b) in before.Points.Join(after.Points, p => p.Dense, p => p.Dense, (a, b) => (a.Sparse, b.Sparse)))
            Assert.True(b <= a + 1e-9, $"reached at {b}, not {a}");
    }, seed: "0000000000A5");

    [Fact]
    public void EveryMatchLiesInBothRuns() => Gen.Select(AnyCurve, AnyCurve).Sample((dense, sparse) =>
    {
        var match = StepMatching.Match(dense, sparse, CostAxis.Steps);
        Assert.InRange(match.MatchedFraction, 0, 1);
        Assert.Equal(match.Outcome is MatchOutcome.Reached or MatchOutcome.BeforeFirstPoint, match.EndRatio is not null);
        Assert.All(match.Points, p => Assert.InRange(p.Sparse, sparse.Points[0].Step, sparse.Points[^1].Step));
        Assert.Equal(match.Points.OrderBy(p => p.Dense), match.Points);
        Assert.Equal(match.Points.OrderBy(p => p.Sparse), match.Points);
    }, seed: "0000000000A6");

    /// <summary>A falling, noisy curve with 4 to 60 unevenly spaced points, starting at step 0 or later.</summary>
    private static readonly Gen<LossCurve> AnyCurve =
        from gaps in Gen.Select(Gen.Int[1, 40], Gen.Double[-0.3, 0.3]).Array[4, 60]
        from first in Gen.Int[0, 20]
        from factor in Gen.Double[0.2, 3]
        from secondsPerStep in Gen.Double[0.1, 2]
        select Build(gaps, first, factor, secondsPerStep);

    private static LossCurve Build((int Gap, double Noise)[] gaps, int first, double factor, double secondsPerStep)
    {
        var law = TestCurves.PowerLaw(factor);
        var step = (long)first;
        var points = new List<LossPoint> { new(step, 1e9 * step, secondsPerStep * step, law(step) + 1) };
        foreach (var (gap, noise) in gaps)
        {
            step += gap;
            points.Add(new(step, 1e9 * step, secondsPerStep * step, law(step) + noise));
        }
        return new() { Architecture = "any", Modality = ModalityId.Text, Points = [.. points] };
    }

    private static void AssertWithin(double tolerance, double? expected, double? actual)
    {
        Assert.Equal(expected is null, actual is null);
        Assert.True(expected is null || Math.Abs(actual!.Value - expected.Value) <= tolerance * Math.Abs(expected.Value), $"expected {expected} within {tolerance:P}, got {actual}");
    }
}
