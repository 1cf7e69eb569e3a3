using MixtureOfTransformers.Evaluation.Analysis;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>The analyses of one run: planes, norms, tables.</summary>
internal static class RunSection
{
    public static Markup Render(RunAnalysis run) => Markup.Of($"""
        <section><h2>{run.Name}: {ArchitectureNames.Label(run.Architecture)} after {ReportNumbers.Exact(run.Step)} steps</h2>
        <ul class="legend">{run.Modalities.Select((m, i) => Markup.Of($"""<li><span class="swatch s{i}"></span>{m.Name}</li>"""))}</ul>
        <div class="planes">
        {run.Stages.Select(PlaneChart.Render)}</div>
        <p class="note">Hidden states of held-out tokens on the plane in which they vary most (PCA, each stage its own; the axes are scaled to what they show).</p>
        <div class="panels">
        {StageChart.Render("Size of the states", "RMS of an element", run.Stages, range: null, isLog: true,
            [.. run.Modalities.Select(m => (m.Name, run.Stages.Select(stage => stage.Norms.FirstOrDefault(norm => norm.Modality == m)?.Rms ?? 0).ToArray()))])}</div>
        {AnalysisTable.Render(AnalysisTables.Stages(run))}
        {(run.Routers.IsEmpty ? default : Markup.Of($"{AnalysisTable.Render(AnalysisTables.ExpertsPerToken(run))}{AnalysisTable.Render(AnalysisTables.Experts(run))}"))}{(run.Depths.IsEmpty ? default : AnalysisTable.Render(AnalysisTables.Depths(run)))}</section>
        """);
}
