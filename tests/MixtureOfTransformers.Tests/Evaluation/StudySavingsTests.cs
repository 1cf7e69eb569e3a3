using System.Text.RegularExpressions;
using System.Xml.Linq;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Evaluation.Plots;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class StudySavingsTests
{
    private static readonly ComparisonStudy Study = ExampleReports.Study(training: false);

    [Fact]
    public void SharesOfCurvesWithAKnownFactorAreThatFactorAtEveryEighth()
    {
        var curve = Assert.Single(Exact(factor: 0.5).Savings);
        Assert.Equal(("mot", ModalityId.Image), (curve.Architecture, curve.Modality));
        Assert.Equal(Enumerable.Range(1, 8).Select(i => i / 8.0 * 4_096_000 / 1000), curve.Points.Select(p => p.TokensPerParameter));
        Assert.All(curve.Points, p => Assert.Equal(0.5, p.StepShare.Mean!.Value, 0.02));
    }

    [Fact]
    public void SharesFollowTheLossesReachedSoFar()
    {
        // Level with the dense run for the first half, twice as fast after it.
        var curve = Assert.Single(Exact(loss: TestCurves.PowerLaw(1), other: t => TestCurves.PowerLaw(1)(t < 500 ? t : 500 + (2 * (t - 500)))).Savings);
        Assert.All(curve.Points.Take(4), p => Assert.Equal(1, p.StepShare.Mean!.Value, 0.03));
        Assert.Equal(0.75, curve.Points[^1].StepShare.Mean!.Value, 0.03);
    }

    [Fact]
    public void TheLastPointIsTheRatioOfTheTable() => Assert.All(Study.Savings, curve =>
        Assert.Equal(Study.Quality.Single(q => q.Architecture == curve.Architecture && q.Modality == curve.Modality).StepRatio.Values, curve.Points[^1].StepShare.Values));

    [Fact]
    public void SeedsThatDivergedOrDidNotReachALossAreCounted()
    {
        var diverging = ExampleReports.Diverging("mot", 2).Savings.First(c => c.Architecture == "mot");
        Assert.All(diverging.Points, p => Assert.Null(p.StepShare.Values[1]));
        Assert.All(diverging.Points, p => Assert.Equal((2, 3), (p.StepShare.Count, p.StepShare.SeedCount)));
        Assert.Empty(ExampleReports.Diverging("dense", 1, 2, 3).Savings);
        var hybrid = Study.Savings.Single(c => c.Architecture == "hybrid" && c.Modality == ModalityId.Text); // reaches early text losses alone
        Assert.Equal(0, hybrid.Points[^1].StepShare.Count);
        Assert.NotNull(hybrid.Points[0].StepShare.Mean);
    }

    [Fact]
    public void RunsThatDoNotTellTheirParametersHaveNone() =>
        Assert.Empty(ComparisonStudy.Create(ExampleReports.Metadata(), "dense", [.. ((string[])["dense", "mot"]).Select(name => ExampleReports.Run(name, 1, 1, 1) with { NonEmbeddingParameters = 0 })], []).Savings);

    [Fact]
    public void ThePageDrawsAPointForEveryShareAndHollowOnesForSomeSeeds()
    {
        var section = Regex.Match(HtmlReport.Render(Study), "<section id=\"savings\">.*?</section>", RegexOptions.Singleline).Value;
        var points = Study.Savings.SelectMany(c => c.Points).ToArray();
        Assert.Equal(points.Count(p => p.StepShare.Count > 0), Regex.Count(section, "<circle"));
        Assert.Equal(points.Count(p => p.StepShare.Count is 1 or 2), Regex.Count(section, "<circle class=\"part\""));
        Assert.Contains("<circle class=\"part\"", section);
    }

    [Fact]
    public void StudiesOfSeveralSizesAreDrawnOnOneAxis()
    {
        using var folder = new TemporaryFolder();
        SavingsPlots.Write(folder.Path, [("small", Study), ("large", Study)]);
        Assert.Equal(["image-savings.png", "image-savings.svg", "text-savings.png", "text-savings.svg"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var text = string.Concat(XDocument.Load(folder.File("image-savings.svg")).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value + "\n"));
        Assert.Contains("MoT, small", text);
        Assert.Contains("MoT, large", text);
        Assert.Contains("as many steps as dense", text);
    }

    private static ComparisonStudy Exact(double factor) => Exact(TestCurves.PowerLaw(1), TestCurves.PowerLaw(factor));

    private static ComparisonStudy Exact(Func<long, double> loss, Func<long, double> other) => ComparisonStudy.Create(ExampleReports.Metadata(), "dense", [Run("dense", loss), Run("mot", other)], []);

    private static ArchitectureRun Run(string name, Func<long, double> loss) => ExampleReports.Run(name, 1, 1, 1) with
    {
        Steps = 1000,
        Tokens = 4_096_000,
        NonEmbeddingParameters = 1000,
        Curves = [TestCurves.From(loss, name, steps: 1000, every: 25)],
    };
}
