namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>The summary tables and what their columns mean.</summary>
internal static class TableSection
{
    public static Markup Render(ComparisonStudy study) => Markup.Of($"""
        <section id="tables"><h2>Numbers</h2>
        {Table(StudyTables.Quality(study), headers: 2)}{(StudyCurves.Has(study, CurveSplit.Training) ? Table(StudyTables.Quality(study, CurveSplit.Training), headers: 2) : default)}
        {Table(StudyTables.Cost(study), headers: 1)}{(study.Sweep.IsEmpty ? default : Table(StudyTables.Sweep(study), headers: 1))}
        <p class="note">“{ReportNumbers.NotReached}” means just that: nothing is extrapolated beyond the run.</p></section>
        """);

    /// <param name="table">What to show.</param>
    /// <param name="headers">How many leading cells of a row name it.</param>
    private static Markup Table(ReportTable table, int headers) => Markup.Of($"""
        <div class="scroll"><table class="summary"><caption>{table.Title}</caption>
        <thead><tr>{table.Columns.Select(c => Markup.Of($"""<th scope="col"{Number(c)} title="{c.Explanation}">{c.Header}</th>"""))}</tr></thead>
        <tbody>
        {table.Rows.Select((row, i) => Markup.Of($"<tr{Group(table, i, headers)}>{row.Select((cell, column) => Cell(cell, table.Columns[column], column < headers))}</tr>\n"))}</tbody></table></div>
        <details><summary>What the columns mean</summary><dl class="terms">{table.Columns.Where(c => c.IsNumber).Select(c => Markup.Of($"<dt>{c.Header}</dt><dd>{c.Explanation}</dd>"))}</dl></details>

        """);

    private static Markup Cell(TableCell cell, TableColumn column, bool isHeader)
    {
        var text = cell.IsBest ? Markup.Of($"<b>{cell.Text}</b>") : Markup.Of($"{cell.Text}");
        var title = cell.Exact is { } exact ? Markup.Of($" title=\"{exact}\"") : default;
        return isHeader ? Markup.Of($"""<th scope="row"{title}>{text}</th>""") : Markup.Of($"<td{Number(column)}{title}>{text}</td>");
    }

    private static Markup Number(TableColumn column) => column.IsNumber ? Markup.Of($" class=\"n\"") : default;

    /// <summary>Marks the first row of each modality, for the line above it.</summary>
    private static Markup Group(ReportTable table, int row, int headers) =>
        headers > 1 && row > 0 && table.Rows[row][0].Text != table.Rows[row - 1][0].Text ? Markup.Of($" class=\"first\"") : default;
}
