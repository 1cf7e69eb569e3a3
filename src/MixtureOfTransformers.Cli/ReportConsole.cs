using MixtureOfTransformers.Evaluation;
using Spectre.Console;

namespace MixtureOfTransformers.Cli;

/// <summary>Prints the tables of a report.</summary>
internal static class ReportConsole
{
    private const int WidthOfFiles = 200;

    public static void Print(ReportTable report, CliConsole console)
    {
        var table = new Table().Title(Markup.Escape(report.Title)).Border(TableBorder.Rounded);
        foreach (var column in report.Columns)
            table.AddColumn(new Spectre.Console.TableColumn(Markup.Escape(column.Header)) { Alignment = column.IsNumber ? Justify.Right : Justify.Left });
        foreach (var row in report.Rows)
            table.AddRow([.. row.Select(cell => cell.IsBest ? $"[bold]{Markup.Escape(cell.Text)}[/]" : Markup.Escape(cell.Text))]);
        var width = console.Ansi.Profile.Width;
        if (!console.Ansi.Profile.Capabilities.Interactive)
            console.Ansi.Profile.Width = WidthOfFiles; // no line of a table need be wrapped there
        console.Ansi.Write(table);
        console.Ansi.Profile.Width = width;
    }
}
