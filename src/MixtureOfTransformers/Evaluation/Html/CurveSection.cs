using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>The charts with their switches, and the numbers behind them as a table.</summary>
internal static class CurveSection
{
    public static Markup Render(ComparisonStudy study)
    {
        var modalities = StudyCurves.Modalities(study);
        var hasTraining = StudyCurves.Has(study, CurveSplit.Training);
        var isCompared = study.Architectures.Length > 1;
        return Markup.Of($"""
            <section id="curves"><h2>Curves</h2>
            <div class="switches">
            <fieldset><legend>Against</legend>
            {Enum.GetValues<CostAxis>().Select(a => Radio("axis", AxisText.Name(a), a == CostAxis.Flops ? "FLOPs" : AxisText.Name(a), a == CostAxis.Steps))}</fieldset>
            <fieldset><legend>Scale of the loss chart</legend>{Radio("scale", "linear", "linear", isChecked: true)}{Radio("scale", "log", "log", isChecked: false)}</fieldset>
            {(hasTraining && isCompared ? Markup.Of($"""<fieldset><legend>Equal loss of</legend>{Radio("split", "validation", "validation", isChecked: true)}{Radio("split", "training", "training", isChecked: false)}</fieldset>""") : default)}
            {(hasTraining ? Markup.Of($"""<label><input type="checkbox" id="show-training"{(study.Architectures.Length > 2 ? default : Markup.Of($" checked"))}> training loss</label>""") : default)}
            </div>
            <ul class="legend">{study.Architectures.Select((a, i) => Markup.Of($"""<li>{Swatch(i)}{ArchitectureNames.Label(a)}</li>"""))}{(study.Seeds.Length > 1
                ? Markup.Of($"""<li class="faint">line: mean of {study.Seeds.Length} seeds, band: lowest to highest</li>""") : default)}{(hasTraining
                ? Markup.Of($"""<li class="faint train-note">faint: training loss, averaged over stretches of steps</li>""") : default)}</ul>
            <div class="panels{(study.Architectures.Length > 2 || study.Seeds.Length > 1 ? " many" : "")}">
            {modalities.Select(m => Markup.Of($"{new LossChart(study, m).Render()}{(isCompared ? new MatchChart(study, m, CurveSplit.Validation).Render() : default)}{(isCompared && hasTraining ? new MatchChart(study, m, CurveSplit.Training).Render() : default)}"))}</div>
            <p class="note">The linear loss chart leaves out the fall of the first steps. Cost at equal loss: each dot is a loss that both models reached (smoothed, best so far); below the diagonal is cheaper.{(study.Seeds.Length > 1
                ? " Dots are of all seeds, each matched to the baseline's run of its own seed." : "")}</p>
            {modalities.Select(m => Numbers(study, m))}</section>
            """);
    }

    /// <summary>A short piece of the architecture's line.</summary>
    public static Markup Swatch(int index) => Markup.Of($"""<svg class="key s{index}" viewBox="0 0 30 8" aria-hidden="true"><path class="stroke s{index}" d="M1 4H29"/></svg>""");

    private static Markup Radio(string group, string value, string label, bool isChecked) => Markup.Of($"""
        <label><input type="radio" name="{group}" id="{group}-{value}"{(isChecked ? Markup.Of($" checked") : default)}> {label}</label>
        """);

    private static Markup Numbers(ComparisonStudy study, ModalityId modality)
    {
        var isMean = study.Seeds.Length > 1;
        var rows = StudyCurves.Means(study, modality, CurveSplit.Validation, 60).SelectMany(c => c.Points.Select(p => Markup.Of($"""
            <tr><td>{ArchitectureNames.Label(c.Architecture)}</td><td class="n">{ReportNumbers.Exact(p.Mean.Step)}</td><td class="n">{ReportNumbers.Flops(p.Mean.Flops)}</td><td class="n">{ReportNumbers.Duration(p.Mean.Seconds)}</td><td class="n">{ReportNumbers.Loss(p.Mean.Loss)}</td>{(isMean ? Markup.Of($"<td class=\"n\">{ReportNumbers.Loss(p.Low)}</td><td class=\"n\">{ReportNumbers.Loss(p.High)}</td>") : default)}</tr>

            """)));
        return Markup.Of($"""
            <details><summary>{ArchitectureNames.Heading(modality.Name)} validation losses as numbers</summary><div class="scroll"><table>
            <thead><tr><th scope="col">Architecture</th><th scope="col" class="n">Step</th><th scope="col" class="n">FLOPs</th><th scope="col" class="n">Time</th><th scope="col" class="n">Loss</th>{(isMean ? Markup.Of($"<th scope=\"col\" class=\"n\">Lowest</th><th scope=\"col\" class=\"n\">Highest</th>") : default)}</tr></thead>
            <tbody>
            {rows}</tbody></table></div></details>

            """);
    }
}
