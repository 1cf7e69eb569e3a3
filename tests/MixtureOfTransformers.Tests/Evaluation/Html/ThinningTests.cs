using System.Collections.Immutable;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Evaluation.Html;

namespace MixtureOfTransformers.Tests.Evaluation.Html;

public sealed class ThinningTests
{
    private static readonly ImmutableArray<LossPoint> Points = [.. Enumerable.Range(0, 1000).Select(i => new LossPoint(i, i, i, i))];

    [Fact]
    public void PickingKeepsBothEnds()
    {
        var picked = Thinning.Pick(Points, 60);
        Assert.Equal((60, 0L, 999L), (picked.Length, picked[0].Step, picked[^1].Step));
        Assert.Equal(picked.Distinct(), picked);
    }

    [Fact]
    public void FewPointsAreAllKept() => Assert.Equal(Points[..10], Thinning.Pick(Points[..10], 60));

    [Fact]
    public void AveragingKeepsTheMean()
    {
        var averaged = Thinning.Average(Points, 100);
        Assert.Equal(100, averaged.Length);
        Assert.Equal(Points.Average(p => p.Loss), averaged.Average(p => p.Loss), 9);
    }
}
