using System.Globalization;
using MixtureOfTransformers.Evaluation.Causality;
using MixtureOfTransformers.Models;
using Spectre.Console;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>Prints what a probe found: every change with what it moved, then the verdict.</summary>
internal static class CausalityText
{
    public static void Print(CausalityReport report, ProbeSubject subject, CliConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).Title("Outputs that moved although only later tokens changed");
        foreach (var header in (string[])["Row", "After", "New", "Earlier", "By up to", "Other rows", "By up to", "From", "Later"])
            table.AddColumn(new TableColumn(header) { Alignment = header is "New" or "From" ? Justify.Left : Justify.Right, NoWrap = true });
        foreach (var c in report.Cases)
            table.AddRow(Number(c.Row), Number(c.Position), c.Change.ToString().ToLowerInvariant(), Share(c.Earlier), Number(c.Earlier.MaxChange),
                Share(c.OtherRows), Number(c.OtherRows.MaxChange), c.Earlier.FirstStage ?? c.OtherRows.FirstStage ?? "", Number(c.LaterMaxChange));
        console.Ansi.Write(table);
        var last = report.Stages[^1];
        console.Output.WriteLine($"Weights {subject.Weights}, tokens {subject.Tokens}: {report.Rows} rows of {report.Length}{Routing(subject.Model)}. Changes are those of the normalised states that the head reads; what moves is looked for after every layer.");
        console.Output.WriteLine($"Tolerance: {report.ToleranceRule}: {Number(last.Tolerance)} at the last stage, where the control changed {Number(last.Control)} and the largest output is {Number(last.Scale)}.");
        console.Output.WriteLine(Verdict(report));
    }

    private static string Routing(MotModel model) => !model.Config.ChoosesAmongTokens ? "" : model.ExpertRouting switch
    {
        ExpertRouting.ExpertChoice => ", routed as in training",
        ExpertRouting.TokenChoice => ", routed by token choice",
        _ => ", routed by auxiliary routers",
    };

    private static string Verdict(CausalityReport report) => report.Verdict switch
    {
        CausalityVerdict.Causal => "causal: no change of later tokens moved an output before it or in another row",
        CausalityVerdict.Leaks => $"leaks: outputs moved from {report.FirstStage} on that come before the change, or are in another row; losses with this routing look ahead",
        _ => "inconclusive: not even the outputs of changed tokens moved, or outputs moved without any change",
    };

    private static string Share(CausalityEffect effect) => effect.Positions == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{effect.Moved}/{effect.Positions}");

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => value == 0 ? "0" : value.ToString("0.0e0", CultureInfo.InvariantCulture);
}
