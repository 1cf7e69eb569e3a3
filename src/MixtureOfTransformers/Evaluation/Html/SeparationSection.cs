using MixtureOfTransformers.Evaluation.Analysis;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>The separation of modalities by stage, all runs in one chart.</summary>
internal static class SeparationSection
{
    public static Markup Render(AnalysisReport report) => report.Runs.All(run => run.Stages.All(stage => stage.Separation is null)) ? default : Markup.Of($"""
        <section id="separation"><h2>How far the modalities lie apart</h2>
        <div class="panels">
        {StageChart.Render("Separation", "share of variance between modalities", report.Runs.MaxBy(run => run.Stages.Length)!.Stages, (0, Highest(report)), isLog: false,
            [.. report.Runs.Select(run => (run.Name, run.Stages.Select(stage => stage.Separation?.Score ?? 0).ToArray()))])}</div>
        <p class="note">The share of the variance of hidden states that lies between modalities, tr S<sub>B</sub> / tr (S<sub>B</sub> + S<sub>W</sub>), each modality counted alike
        and corrected for the number of tokens: 0 where all have the same mean state, 1 where each has one state. It is Fisher's criterion J = tr S<sub>B</sub> / tr S<sub>W</sub>
        as J / (1 + J).</p></section>
        """);

    private static double Highest(AnalysisReport report) => Math.Clamp(1.25 * report.Runs.SelectMany(run => run.Stages).Max(stage => stage.Separation?.Score ?? 0), 0.01, 1);
}
