using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class StudyTablesTests
{
    private static readonly ComparisonStudy Small = ComparisonStudy.Of(ExampleReports.Small());
    private static readonly ComparisonStudy Study = ExampleReports.Study();

    [Fact]
    public void TablesReadAsApproved() =>
        Approvals.Verify("Evaluation/StudyTables.approved.txt", string.Concat(Tables(Small).Concat(Tables(Study)).Select(Text)));

    [Fact]
    public void EveryRowHasACellPerColumn()
    {
        foreach (var table in Tables(Small).Concat(Tables(Study)))
            Assert.All(table.Rows, row => Assert.Equal(table.Columns.Length, row.Length));
    }

    [Fact]
    public void LowestLossOfEachModalityIsMarkedBest()
    {
        var rows = StudyTables.Quality(Small).Rows;
        Assert.Equal(["Text Dense", "Image MoT"], rows.Where(r => r[2].IsBest).Select(r => $"{r[0].Text} {r[1].Text}"));
    }

    [Fact]
    public void MeansOverDifferentSeedsAreNotMarkedBest() =>
        Assert.DoesNotContain(StudyTables.Quality(ExampleReports.Diverging("mot", 2)).Rows, r => r[2].IsBest);

    [Fact]
    public void ShortenedCountsKeepTheNumberInFull() => Assert.Equal(new TableCell("2.21M", "2,212,352"), StudyTables.Cost(Small).Rows[1][1]);

    [Fact]
    public void DivergedTrialIsCalledThatAndTheChosenOneMarked()
    {
        var mot = StudyTables.Sweep(Study).Rows[1];
        Assert.Equal(["MoT", "200", "2.501", "2.500 ✓", "diverged"], mot.Select(c => c.Text));
        Assert.True(mot[3].IsBest);
    }

    [Fact]
    public void FlopsHaveAColumnOnlyWhereTheyAreNotEqual()
    {
        Assert.DoesNotContain(StudyTables.Quality(Study).Columns, c => c.Header == "FLOPs slope");
        Assert.Contains(Columns(0.8), c => c.Header == "FLOPs slope");
        Assert.DoesNotContain(Columns(1.01), c => c.Header == "FLOPs slope"); // a router's

        static IEnumerable<TableColumn> Columns(double flops)
        {
            var run = ExampleReports.Run("small", 1, 1, 1);
            var other = run with { Curves = [.. run.Curves.Select(c => c with { Points = [.. c.Points.Select(p => p with { Flops = flops * p.Flops })] })] };
            return StudyTables.Quality(ComparisonStudy.Create(ExampleReports.Metadata(), "dense", [ExampleReports.Run("dense", 1, 1, 1), other], [])).Columns;
        }
    }

    private static ReportTable[] Tables(ComparisonStudy study) => [StudyTables.Quality(study), StudyTables.Quality(study, CurveSplit.Training), StudyTables.Cost(study), StudyTables.Sweep(study)];

    private static string Text(ReportTable table) =>
        $"{table.Title}\n{string.Join(" | ", table.Columns.Select(c => c.Header))}\n{string.Concat(table.Rows.Select(r => string.Join(" | ", r.Select(c => c.Text)) + "\n"))}";
}
