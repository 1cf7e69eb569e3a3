namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>A table with what its columns mean.</summary>
internal static class AnalysisTable
{
    public static Markup Render(ReportTable table) => Markup.Of($"""
        <div class="scroll"><table class="summary"><caption>{table.Title}</caption>
        <thead><tr>{table.Columns.Select(c => Markup.Of($"""<th scope="col"{Align(c)} title="{c.Explanation}">{c.Header}</th>"""))}</tr></thead>
        <tbody>
        {table.Rows.Select(row => Markup.Of($"<tr>{row.Zip(table.Columns, Cell)}</tr>\n"))}</tbody></table></div>
        <details><summary>What the columns mean</summary><dl class="terms">{table.Columns.Select(c => Markup.Of($"<dt>{c.Header}</dt><dd>{c.Explanation}</dd>"))}</dl></details>

        """);

    private static Markup Cell(TableCell cell, TableColumn column) => Markup.Of($"<td{Align(column)}{(cell.Exact is { } exact ? Markup.Of($" title=\"{exact}\"") : default)}>{cell.Text}</td>");

    private static Markup Align(TableColumn column) => column.IsNumber ? Markup.Of($" class=\"n\"") : default;
}
