using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation.Analysis;
using MixtureOfTransformers.Evaluation.Html;

namespace MixtureOfTransformers.Tests.Evaluation.Analysis;

public sealed class ScalingLawTests
{
    [Fact]
    public void RunsOnAPowerLawGiveItsExponentByModalityAndArchitecture()
    {
        var laws = ScalingLaw.Of([.. Sizes("dense", 0.2, 0.1), .. Sizes("mot", 0.3, 0.15)]);
        Assert.Equal([("dense", "image", 0.1), ("dense", "text", 0.2), ("mot", "image", 0.15), ("mot", "text", 0.3)],
            laws.Select(law => (law.Architecture, law.Modality.Name, Math.Round(law.Fit.Exponent, 3))));
        Assert.All(laws, law => Assert.Equal((ScalingAxis.Parameters, 1024.0, 500L), (law.Axis, law.Constant, law.Steps)));
        Assert.All(laws, law => Assert.Equal([1e5, 1e6, 1e7], law.Points.Select(p => p.Size)));
    }

    [Fact]
    public void BatchSizesAreFittedAtEqualParameters()
    {
        var laws = ScalingLaw.Of([Run("a", "mot", 1e6, 1024, 3), Run("b", "mot", 1e6, 4096, 2.7)]);
        Assert.All(laws, law => Assert.Equal((ScalingAxis.TokensPerStep, 1e6), (law.Axis, law.Constant)));
        Assert.Equal(2, laws.Length);
    }

    [Fact]
    public void RunsThatDifferInTwoThingsOrInNoneAreNotFitted()
    {
        Assert.Empty(ScalingLaw.Of([Run("a", "mot", 1e6, 1024, 3), Run("b", "mot", 1e7, 4096, 2.7)]));
        Assert.Empty(ScalingLaw.Of([Run("a", "mot", 1e6, 1024, 3), Run("b", "mot", 1e6, 1024, 2.9)]));
        Assert.Empty(ScalingLaw.Of([Run("a", "mot", 1e6, 1024, 3), Run("b", "dense", 1e7, 1024, 2.7)]));
        Assert.Empty(ScalingLaw.Of([Run("a", "mot", 1e6, 1024, 3), Run("b", "mot", 1e7, 1024, 2.7) with { Step = 400 }]));
    }

    [Fact]
    public void RunsOnOtherDataAreFittedByThemselvesAndThatIsSaid()
    {
        RunAnalysis[] runs = [.. Sizes("mot", 0.3, 0.15), .. Sizes("mot", 0.2, 0.1).Select(run => run with { Data = "others" })];
        var report = new AnalysisReport { Runs = [.. runs], Scaling = ScalingLaw.Of(runs) };
        Assert.Equal([("one", 3, 0.3), ("others", 3, 0.2)], report.Scaling.Where(law => law.Modality == ModalityId.Text).Select(law => (law.Data, law.Points.Length, Math.Round(law.Fit.Exponent, 3))));
        Assert.Empty(ScalingLaw.Of([Run("a", "mot", 1e6, 1024, 3), Run("b", "mot", 1e7, 1024, 2.7) with { Data = "others" }]));
        Assert.Contains("2 different data sets", report.DataNote);
        Assert.Equal("Data", AnalysisTables.Scaling(report).Columns[^1].Header);
        Assert.Contains("2 different data sets", AnalysisPage.Render(report));
        var alike = new AnalysisReport { Runs = [.. runs[..3]], Scaling = ScalingLaw.Of(runs[..3]) };
        Assert.Null(alike.DataNote);
        Assert.All((AnalysisReport[])[report, alike], r => Assert.All(AnalysisTables.Scaling(r).Rows, row => Assert.Equal(AnalysisTables.Scaling(r).Columns.Length, row.Length)));
    }

    private static IEnumerable<RunAnalysis> Sizes(string architecture, double textExponent, double imageExponent) => new[] { 1e5, 1e6, 1e7 }.Select(size =>
        Run($"{size}", architecture, size, 1024, 0) with { ValidationLoss = Losses(20 * Math.Pow(size, -textExponent), 5 * Math.Pow(size, -imageExponent)) });

    private static RunAnalysis Run(string name, string architecture, double parameters, long tokensPerStep, double loss) => new()
    {
        Name = name,
        Architecture = architecture,
        Step = 500,
        Parameters = (long)parameters,
        TokensPerStep = tokensPerStep,
        Data = "one",
        ValidationLoss = Losses(loss, loss / 2),
        Modalities = [ModalityId.Text, ModalityId.Image],
        Stages = [],
    };

    private static ImmutableSortedDictionary<string, double> Losses(double text, double image) => new Dictionary<string, double> { ["text"] = text, ["image"] = image }.ToImmutableSortedDictionary();
}
