using System.Globalization;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>The finding in words, and one card per modality that shows it as bars.</summary>
internal static class HeadSection
{
    public static Markup Render(ComparisonStudy study, ReportHeadline headline) => Markup.Of($"""
        <header>
        <p class="kicker">Mixture-of-Transformers · {study.Metadata.Setting} · {study.Metadata.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}{(study.Seeds.Length > 1 ? $" · {study.Seeds.Length} seeds" : "")}</p>
        <h1>{headline.Title}</h1>
        {(headline.Details.Length <= 3 ? Markup.Of($"<p class=\"lead\">{string.Join(" ", headline.Details)}</p>") : Markup.Of($"<ul class=\"lead\">{headline.Details.Select(d => Markup.Of($"<li>{d}</li>"))}</ul>"))}
        <div class="cards">
        {(study.Architectures.Length > 1 ? Markup.Of($"{StudyCurves.Modalities(study).Select(m => Card(study, m))}") : default)}</div>
        {(study.Architectures.Length > 1 ? Markup.Of($"<p class=\"note\">Bars: share of the {ArchitectureNames.InSentence(study.Baseline)} model's steps and training time until its best loss; the mark is 100%.{(study.Seeds.Length > 1 ? " Mean over the seeds ± standard deviation; “2 of 3” means that only so many seeds got there, “≤” that one was there before it was first measured." : "")}</p>") : default)}
        </header>
        """);

    private static Markup Card(ComparisonStudy study, ModalityId modality)
    {
        var others = study.Architectures.Where(a => a != study.Baseline).ToArray();
        var baseline = StudyCurves.Summary(study, modality, CurveSplit.Validation, study.Baseline);
        return Markup.Of($"""
            <section class="card{(study.Seeds.Length > 1 ? " bars" : "")}"><h2>{ArchitectureNames.Heading(modality.Name)}</h2>
            {(others.Length == 1 ? Alone(StudyCurves.Summary(study, modality, CurveSplit.Validation, others[0]), baseline)
                : Markup.Of($"<p class=\"entry\"><span class=\"swatch s0\"></span><b>{ArchitectureNames.Label(study.Baseline)}</b><span class=\"loss\">loss {SpreadText.Loss(baseline.EndLoss)}</span></p>{others.Select((a, i) => Entry(StudyCurves.Summary(study, modality, CurveSplit.Validation, a), i + 1))}"))}</section>

            """);
    }

    private static Markup Alone(QualitySummary q, QualitySummary baseline)
    {
        var dense = ArchitectureNames.InSentence(baseline.Architecture);
        return Markup.Of($"""
            {(q.StepRatio.Mean is not null ? Markup.Of($"<p class=\"big s1\">{SpreadText.Percent(q.StepRatio, q, q.IsBound)}</p>") : Markup.Of($"<p class=\"big words s1\">{OutcomeText.Reason(q)}</p>"))}
            <p class="small">{Explanation(q, dense)}</p>
            {(q.StepRatio.Mean is null ? default : Markup.Of($"{Bar("Steps", q.StepRatio, q, 1)}{Bar("Time", q.SecondsRatio, q, 1)}"))}
            <p class="small">Validation loss <b>{SpreadText.Loss(q.EndLoss)}</b>, {dense} {SpreadText.Loss(baseline.EndLoss)}</p>
            """);
    }

    private static Markup Entry(QualitySummary q, int index) => Markup.Of($"""
        <p class="entry"><span class="swatch s{index}"></span><b>{ArchitectureNames.Label(q.Architecture)}</b><span class="loss">loss {SpreadText.Loss(q.EndLoss)}</span></p>
        {(q.StepRatio.Mean is null ? Markup.Of($"<p class=\"small\">{OutcomeText.Reason(q)}{(q.MatchedFraction.Mean is > 0 and < 1 ? $": only the loss after {SpreadText.Percent(q.MatchedFraction)} of the steps to the best" : "")}</p>")
            : Markup.Of($"{Bar("Steps", q.StepRatio, q, index)}{Bar("Time", q.SecondsRatio, q, index)}"))}
        """);

    /// <summary>A share of the baseline's cost; the mark is the baseline. Shares above 150% are cut there.</summary>
    private static Markup Bar(string label, SeedSpread share, QualitySummary q, int index) => Markup.Of($"""
        <div class="bar"><span>{label}</span><span class="track"><span class="fill s{index}" style="width:{Math.Min(100, 100 * (share.Mean ?? 0) / 1.5)}%"></span></span><span>{SpreadText.Percent(share, q, q.IsBound)}</span></div>
        """);

    private static string Explanation(QualitySummary q, string dense) => q.StepRatio.Mean is not null ? $"of the {dense} model's steps for its best loss"
        : q.HasDiverged ? "the run has no result"
        : OutcomeText.Comparable(q).IsEmpty ? $"with every seed the {dense} model's loss never fell, or one of the two diverged"
        : $"the {dense} model's best loss, only the one it had after {SpreadText.Percent(q.MatchedFraction)} of its steps to that";
}
