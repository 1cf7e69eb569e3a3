using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>The charts with their switches, and the numbers behind them as a table.</summary>
internal static class CurveSection
{
    public static Markup Render(ComparisonReport report)
    {
        var modalities = report.Results.Select(r => r.Modality).Distinct().ToArray();
        var hasTraining = report.Curves.Any(c => c.Split == CurveSplit.Training);
        return Markup.Of($"""
            <section id="curves"><h2>Curves</h2>
            <div class="switches">
            <fieldset><legend>Against</legend>
            {Enum.GetValues<CostAxis>().Select(a => Radio("axis", AxisText.Name(a), a == CostAxis.Flops ? "FLOPs" : AxisText.Name(a), a == CostAxis.Steps))}</fieldset>
            <fieldset><legend>Scale of the loss chart</legend>{Radio("scale", "linear", "linear", isChecked: true)}{Radio("scale", "log", "log", isChecked: false)}</fieldset>
            {(hasTraining ? Markup.Of($"""<label><input type="checkbox" id="show-training" checked> training loss</label>""") : default)}
            </div>
            <ul class="legend">{HtmlReport.Architectures(report).Select((a, i) => Markup.Of($"""<li><span class="swatch s{i}"></span>{ArchitectureNames.Label(a)}</li>"""))}{(hasTraining
                ? Markup.Of($"""<li class="faint">faint: training loss, averaged over stretches of steps</li>""") : default)}</ul>
            <div class="panels">
            {modalities.Select(m => Markup.Of($"{new LossChart(report, m).Render()}{(report.Matches.IsEmpty ? default : new MatchChart(report, m).Render())}"))}</div>
            <p class="note">The linear loss chart leaves out the fall of the first steps. Cost at equal loss: each dot is a loss that both models reached (smoothed, best so far); below the diagonal is cheaper.</p>
            {modalities.Select(m => Numbers(report, m))}</section>
            """);
    }

    private static Markup Radio(string group, string value, string label, bool isChecked) => Markup.Of($"""
        <label><input type="radio" name="{group}" id="{group}-{value}"{(isChecked ? Markup.Of($" checked") : default)}> {label}</label>
        """);

    private static Markup Numbers(ComparisonReport report, ModalityId modality)
    {
        var curves = report.Curves.Where(c => c.Modality == modality && c.Split == CurveSplit.Validation).ToArray();
        var rows = curves.SelectMany(c => Thinning.Pick(c.Points, 60).Select(p => Markup.Of($"""
            <tr><td>{ArchitectureNames.Label(c.Architecture)}</td><td class="n">{ReportNumbers.Exact(p.Step)}</td><td class="n">{ReportNumbers.Flops(p.Flops)}</td><td class="n">{ReportNumbers.Duration(p.Seconds)}</td><td class="n">{ReportNumbers.Loss(p.Loss)}</td></tr>

            """)));
        return Markup.Of($"""
            <details><summary>{ArchitectureNames.Heading(modality.Name)} validation losses as numbers</summary><div class="scroll"><table>
            <thead><tr><th scope="col">Architecture</th><th scope="col" class="n">Step</th><th scope="col" class="n">FLOPs</th><th scope="col" class="n">Time</th><th scope="col" class="n">Loss</th></tr></thead>
            <tbody>
            {rows}</tbody></table></div></details>

            """);
    }
}
