using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class ReportHeadlineTests
{
    [Fact]
    public void StrongestResultComesFirst()
    {
        var headline = ReportHeadline.Of(With((0.613, 0.834, 1), (0.92, 1.25, 1)));
        Assert.Equal("MoT reaches the dense model's best image loss with 61% of its steps.", headline.Title);
        Assert.Equal(
        [
            "MoT reaches the dense model's best text loss with 92% of its steps.",
            "A step of MoT took 1.36 times as long as a dense one here; on the clock it needed 125% of the time for text and 83% of the time for image.",
        ], headline.Details);
    }

    [Fact]
    public void WorseThanDenseIsSaidAsPlainly()
    {
        var headline = ReportHeadline.Of(With((1.12, 1.5, 1), (null, null, 0.7)));
        Assert.Equal("MoT needs 112% of the dense model's steps for its best image loss.", headline.Title);
        Assert.Equal("MoT does not reach the dense model's best text loss: it gets as far as the dense model did after 70% of its steps to that.", headline.Details[0]);
        Assert.EndsWith("on the clock it needed 150% of the time for image.", headline.Details[1]);
    }

    [Fact]
    public void EqualIsNeitherBetterNorWorse() => Assert.Equal("MoT needs as many steps as the dense model for its best image loss.", ReportHeadline.Of(With((0.998, 1.2, 1), (null, null, 0.5))).Title);

    [Fact]
    public void NothingReachedIsTheHeadlineThen()
    {
        var headline = ReportHeadline.Of(With((null, null, 0), (null, null, 0)));
        Assert.Equal("MoT does not reach any text loss of the dense model.", headline.Title);
        Assert.Equal("A step of MoT took 1.36 times as long as a dense one here.", headline.Details[^1]);
    }

    [Fact]
    public void SeedsAreSummedUpWithTheirSpread()
    {
        var headline = ReportHeadline.Of(ExampleReports.Study());
        Assert.Matches(@"^MoT reaches the dense model's best image loss with \d+% ± \S+% of its steps\.$", headline.Title);
        Assert.Contains("A step of MoT took 1.07 times as long as a dense one here", headline.Details[1]);
        Assert.Contains(headline.Details, d => d.StartsWith("MoT + text MoE-4x: text not reached, image with", StringComparison.Ordinal));
    }

    [Fact]
    public void ABoundOfNoStepsIsSaidInWords()
    {
        var study = With((0, 0, 1), (null, null, 0.5));
        study = study with { Quality = [.. study.Quality.Select(q => q.Architecture == "dense" || q.StepRatio.Mean != 0 ? q : q with { Outcomes = [MatchOutcome.BeforeFirstPoint] })] };
        Assert.Equal("MoT is at the dense model's best image loss before its first step.", ReportHeadline.Of(study).Title);
    }

    [Fact]
    public void LossReachedWithSomeSeedsIsNotCalledReached()
    {
        var study = With((null, null, 0.5), (null, null, 0.9));
        study = study with { Quality = [.. study.Quality.Select(q => q.Architecture == "dense" ? q : q with { StepRatio = SeedSpread.Of([0.8, null, 0.9]) })] };
        Assert.Equal("MoT reaches the dense model's best text loss with 2 of 3 seeds only, those with 85% ± 7.1% of its steps.", ReportHeadline.Of(study).Title);
    }

    private static ComparisonStudy With((double? Steps, double? Seconds, double Matched) image, (double? Steps, double? Seconds, double Matched) text)
    {
        var study = ComparisonStudy.Of(ExampleReports.Small());
        return study with
        {
            Quality = [.. study.Quality.Select(q => q.Architecture == "dense" ? q : Changed(q, q.Modality.Name == "image" ? image : text))],
        };
    }

    private static QualitySummary Changed(QualitySummary q, (double? Steps, double? Seconds, double Matched) answer) => q with
    {
        StepRatio = SeedSpread.Of([answer.Steps]),
        SecondsRatio = SeedSpread.Of([answer.Seconds]),
        MatchedFraction = SeedSpread.Of([answer.Matched]),
        Outcomes = [answer.Steps is null ? MatchOutcome.NotReached : MatchOutcome.Reached],
    };
}
