using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class ComparisonStudyTests
{
    private static readonly ComparisonStudy Example = ExampleReports.Study();

    [Fact]
    public void EverySeedHasWhatAReportOfItsRunsHas()
    {
        Assert.Equal([1L, 2L, 3L], Example.Seeds.Select(s => s.Seed));
        var report = ComparisonReport.Create(ExampleReports.Metadata(), ExampleReports.Run("dense", 1, 1, 1, seed: 2), ExampleReports.Run("mot", 0.45, 0.55, 1.07, seed: 2));
        var seed = Example.Seeds[1];
        Assert.Equal(report.Results, seed.Results.Where(r => r.Architecture is "dense" or "mot"));
        Assert.Equal(report.Matches.Select(m => m.Slope), seed.Matches.Where(m => m.Architecture == "mot" && m.Split == CurveSplit.Validation).Select(m => m.Slope));
    }

    [Fact]
    public void SummaryIsTheMeanOverTheSeeds()
    {
        var mot = Example.Quality.Single(q => q is { Architecture: "mot", Split: CurveSplit.Validation } && q.Modality == ModalityId.Image);
        var seeds = Example.Seeds.Select(s => s.Results.Single(r => r.Architecture == "mot" && r.Modality == ModalityId.Image)).ToArray();
        Assert.Equal(seeds.Average(r => r.StepRatio!.Value), mot.StepRatio.Mean!.Value, 12);
        Assert.Equal(seeds.Average(r => r.ValidationLoss!.Value), mot.EndLoss.Mean!.Value, 12);
        Assert.Equal(seeds.Select(r => r.SecondsSlope), mot.SecondsSlope.Values);
        Assert.InRange(mot.StepRatio.Mean.Value, 0.42, 0.48);
        Assert.True(mot.BestLoss.Mean <= mot.EndLoss.Mean);
    }

    [Fact]
    public void BaselineNeedsExactlyItsOwnCost() => Assert.All(Example.Quality.Where(q => q.Architecture == "dense"), q =>
    {
        Assert.Equal([1, 1, 1], q.StepRatio.Values);
        Assert.Equal(0, q.SecondsSlope.Deviation);
    });

    [Fact]
    public void SeedsThatDoNotReachAreNotAveragedAway()
    {
        var hybrid = Text("hybrid");
        Assert.Equal((null, 0), (hybrid.StepRatio.Mean, hybrid.StepRatio.Count));
        Assert.All(hybrid.Outcomes, o => Assert.Equal(MatchOutcome.NotReached, o));
        var moe = Text("moe-4x");
        Assert.InRange(moe.StepRatio.Count, 1, 2);
        Assert.Equal(moe.StepRatio.Count, moe.Outcomes.Count(o => o == MatchOutcome.Reached));

        static QualitySummary Text(string architecture) => Example.Quality.Single(q => q.Architecture == architecture && q.Split == CurveSplit.Validation && q.Modality == ModalityId.Text);
    }

    [Fact]
    public void TrainingLossesAreMatchedToo()
    {
        Assert.Equal(2 * 2 * 4, Example.Quality.Length);
        var mot = Example.Quality.Single(q => q is { Architecture: "mot", Split: CurveSplit.Training } && q.Modality == ModalityId.Image);
        Assert.InRange(mot.StepSlope.Mean!.Value, 0.40, 0.50);
        Assert.Equal(3, mot.StepRatio.Count);
    }

    [Fact]
    public void StepTimeIsComparedWithTheBaselineOfTheSameSeed()
    {
        var mot = Example.Costs.Single(c => c.Architecture == "mot");
        Assert.Equal(1.07, mot.StepTimeRatio.Mean!.Value, 9); // 1.06, 1.07, 1.08
        Assert.Equal(0.01, mot.StepTimeRatio.Deviation!.Value, 9);
        Assert.Equal(2e9 / 4096, mot.FlopsPerToken.Mean!.Value, 6);
        Assert.Equal(0.002, mot.LearningRate);
    }

    [Fact]
    public void OrderOfTheRunsDoesNotMatter()
    {
        ArchitectureRun[] runs = [ExampleReports.Run("mot", 0.5, 0.5, 1, seed: 2), ExampleReports.Run("dense", 1, 1, 1, seed: 1), ExampleReports.Run("mot", 0.5, 0.5, 1, seed: 1), ExampleReports.Run("dense", 1, 1, 1, seed: 2)];
        var study = ComparisonStudy.Create(ExampleReports.Metadata(), "dense", runs, []);
        Assert.Equal([1L, 2L], study.Seeds.Select(s => s.Seed));
        Assert.Equal(["dense", "mot"], study.Costs.Select(c => c.Architecture));
    }

    [Fact]
    public void SeedWithoutAnArchitectureIsRefused() => Assert.Contains("no run of 'mot' with seed 2", Refused("dense",
        ExampleReports.Run("dense", 1, 1, 1, seed: 1), ExampleReports.Run("mot", 1, 1, 1, seed: 1), ExampleReports.Run("dense", 1, 1, 1, seed: 2)));

    [Fact]
    public void RunGivenTwiceIsRefused() => Assert.Contains("'dense'", Refused("dense", ExampleReports.Run("dense", 1, 1, 1), ExampleReports.Run("dense", 1, 1, 1)));

    [Fact]
    public void MissingBaselineIsRefused() => Assert.Contains("'dense'", Refused("dense", ExampleReports.Run("mot", 1, 1, 1)));

    [Fact]
    public void RunsThatDivergeAreInNoMeanAndEverythingSaysSo()
    {
        var study = ExampleReports.Diverging("mot", 2);
        var mot = Summary(study, "mot");
        Assert.Equal([MatchOutcome.Reached, MatchOutcome.Diverged, MatchOutcome.Reached], mot.Outcomes);
        Assert.All((SeedSpread[])[mot.EndLoss, mot.BestLoss, mot.StepRatio, mot.StepSlope, mot.SecondsRatio, mot.MatchedFraction, study.Costs.Single(c => c.Architecture == "mot").Steps], s => Assert.Equal([true, false, true], s.Values.Select(v => v is not null)));
        Assert.Equal(Summary(Example, "mot").StepRatio.Values[0], mot.StepRatio.Values[0]);
        Assert.Equal(Summary(Example, "hybrid").EndLoss.Values, Summary(study, "hybrid").EndLoss.Values);
        var row = StudyTables.Quality(study).Rows.Single(r => r[0].Text == "Image" && r[1].Text == "MoT");
        Assert.Contains("(2 of 3, 1 diverged)", row[2].Text);
        Assert.Contains("diverged", row[2].Exact);
        Assert.EndsWith("with 2 of 3 seeds only, those with 45% ± 1.1% of its steps; 1 diverged.", ReportHeadline.Of(study).Title);
        Assert.Equal(4, StudyCsv.Results(study).Split("\r\n").Count(line => line.Contains(",diverged,", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("mot")]
    [InlineData("dense")]
    public void AnArchitectureThatAlwaysDivergesIsShownAsThat(string architecture)
    {
        var study = ExampleReports.Diverging(architecture, 1, 2, 3);
        var row = StudyTables.Quality(study).Rows.First(r => r[1].Text == ArchitectureNames.Label(architecture));
        Assert.Equal(["diverged", "diverged", "diverged", "diverged"], row.Skip(2).Take(4).Select(c => c.Text));
        Assert.False(row[2].IsBest);
        Assert.Contains("diverged", ReportHeadline.Of(study).Title);
        Assert.Contains("diverged", HtmlReport.Render(study));
        using var folder = new TemporaryFolder();
        Assert.Equal(study.Quality.Select(q => q.Outcomes[0]), StudyFolder.Read(Written(folder.File("out"), study)).Quality.Select(q => q.Outcomes[0]));
        if (architecture == "dense")
            Assert.All(study.Quality.Where(q => q.Architecture == "mot"), q => Assert.Equal((MatchOutcome.NothingToMatch, 0, 3), (q.Outcomes[0], q.StepRatio.Count, q.EndLoss.Count)));

        static string Written(string folder, ComparisonStudy study)
        {
            StudyFolder.Write(folder, study);
            return folder;
        }
    }

    [Fact]
    public void SeedsWithoutABaselineAreNotCalledUnreached()
    {
        var study = ExampleReports.Diverging("dense", 2);
        var row = StudyTables.Quality(study).Rows.Single(r => r[0].Text == "Image" && r[1].Text == "MoT");
        Assert.Matches(@"^0\.45 ± 0\.\d\d \(comparable with 2 of 3 seeds\)$", row[5].Text);
        Assert.Matches(@"^0\.\d+, nothing to match, 0\.\d+$", row[5].Exact);
        Assert.EndsWith("of its steps; comparable with 2 of 3 seeds.", ReportHeadline.Of(study).Title);
        var hybrid = StudyTables.Quality(study).Rows.Single(r => r[0].Text == "Text" && r[1].Text == "MoT + text MoE-4x");
        Assert.Equal("not reached (comparable with 2 of 3 seeds)", hybrid[5].Text);
        Assert.Contains(ReportHeadline.Of(study).Details, d => d.StartsWith("MoT + text MoE-4x: text not reached (comparable with 2 of 3 seeds)", StringComparison.Ordinal));
        Assert.Contains("not reached (comparable with 2 of 3 seeds)", HtmlReport.Render(study));
    }

    [Fact]
    public void SeedsThatDivergedOnOneSideOrTheOtherAreNotCalledUnreached()
    {
        var (dense, mot) = (ExampleReports.Diverging("dense", 1, 2), ExampleReports.Diverging("mot", 3));
        var summary = Summary(dense, "mot") with { Outcomes = [MatchOutcome.NothingToMatch, MatchOutcome.NothingToMatch, MatchOutcome.Diverged], StepRatio = SeedSpread.Of([null, null, null]), MatchedFraction = SeedSpread.Of([null, null, null]) };
        Assert.Equal("nothing to match", OutcomeText.Reason(summary));
        Assert.Equal("nothing to match", OutcomeText.Reason(Summary(ExampleReports.Diverging("dense", 1, 2, 3), "mot")));
        Assert.Equal("2 of 3, 1 diverged", OutcomeText.Count(Summary(mot, "mot").StepRatio, Summary(mot, "mot")));
        Assert.Contains("nothing for MoT to match", ReportHeadline.Of(dense with { Quality = [.. dense.Quality.Select(q => q is { Architecture: "mot", Split: CurveSplit.Validation } ? summary with { Modality = q.Modality } : q)] }).Title);
    }

    [Fact]
    public void WhatIsReachedBeforeTheFirstMeasurementIsABound()
    {
        var runs = Enumerable.Range(1, 2).SelectMany(seed => (ArchitectureRun[])[ExampleReports.Run("dense", 1, 1, 1, seed: seed), ExampleReports.Run("mot", 0.5, 0.5, 1, seed: seed)]).ToArray();
        runs[3] = runs[3] with { Curves = [.. runs[3].Curves.Select(c => c with { Points = [.. c.Points.Where(p => p.Step >= 120).Select(p => p with { Loss = p.Loss / 10 })] })] };
        var study = ComparisonStudy.Create(ExampleReports.Metadata(), "dense", runs, []);
        var mot = Summary(study, "mot");
        Assert.Equal([MatchOutcome.Reached, MatchOutcome.BeforeFirstPoint], mot.Outcomes);
        Assert.Equal(120.0 / 1200, mot.StepRatio.Values[1]!.Value, 0.01);
        var row = StudyTables.Quality(study).Rows.Single(r => r[0].Text == "Image" && r[1].Text == "MoT");
        Assert.Matches(@"^≤ 0\.\d\d ± 0\.\d\d$", row[5].Text);
        Assert.Matches(@"with at most \d+% ± \d+% of its steps", ReportHeadline.Of(study).Title);
        Assert.Contains("≤ ", HtmlReport.Render(study));
    }

    [Theory]
    [InlineData(0.001, "< 0.01", "0.1%")]
    [InlineData(0.0003, "< 0.01", "< 0.1%")]
    [InlineData(0.006, "≤ 0.01", "0.6%")]
    public void AShareThatWouldBeShownAsZeroIsBelowTheLeastThatCanBe(double share, string ratio, string percent)
    {
        var summary = Summary(Example, "mot") with { StepRatio = SeedSpread.Of([share]), Outcomes = [MatchOutcome.BeforeFirstPoint] };
        Assert.Equal(ratio, SpreadText.Ratio(summary.StepRatio, summary, isBound: true));
        Assert.Equal(percent, SpreadText.Percent(summary.StepRatio, summary));
        Assert.DoesNotContain("at most less", SpreadText.Percent(summary.StepRatio, isBound: true));
        Assert.Equal("0.00", SpreadText.Of(summary.StepRatio, _ => "0.00", "-")); // counts and losses may be 0
    }

    private static QualitySummary Summary(ComparisonStudy study, string architecture) =>
        study.Quality.Single(q => q.Architecture == architecture && q.Split == CurveSplit.Validation && q.Modality == ModalityId.Image);

    private static string Refused(string baseline, params ArchitectureRun[] runs) =>
        Assert.Throws<MotException>(() => ComparisonStudy.Create(ExampleReports.Metadata(), baseline, runs, [])).Message;
}
