using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class SummaryTablesTests
{
    [Fact]
    public void TablesReadAsApproved() =>
        Approvals.Verify("Evaluation/SummaryTables.approved.txt", Text(SummaryTables.Quality(ExampleReports.Small())) + Text(SummaryTables.Cost(ExampleReports.Small())));

    [Fact]
    public void EveryRowHasACellPerColumn()
    {
        foreach (var table in (ReportTable[])[SummaryTables.Quality(ExampleReports.Small()), SummaryTables.Cost(ExampleReports.Small())])
            Assert.All(table.Rows, row => Assert.Equal(table.Columns.Length, row.Length));
    }

    [Fact]
    public void LowestLossOfEachModalityIsMarkedBest()
    {
        var rows = SummaryTables.Quality(ExampleReports.Small()).Rows;
        Assert.Equal(["Text Dense", "Image MoT"], rows.Where(r => r[2].IsBest).Select(r => $"{r[0].Text} {r[1].Text}"));
    }

    [Fact]
    public void ShortenedCountsKeepTheNumberInFull() => Assert.Equal(new TableCell("2.21M", "2,212,352"), SummaryTables.Cost(ExampleReports.Small()).Rows[1][1]);

    private static string Text(ReportTable table) =>
        $"{table.Title}\n{string.Join(" | ", table.Columns.Select(c => c.Header))}\n{string.Concat(table.Rows.Select(r => string.Join(" | ", r.Select(c => c.Text)) + "\n"))}";
}
