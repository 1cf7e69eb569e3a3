namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>The finding in words, and one card per modality that shows it as bars.</summary>
internal static class HeadSection
{
    public static Markup Render(ComparisonReport report, ReportHeadline headline) => Markup.Of($"""
        <header>
        <p class="kicker">Mixture-of-Transformers · {report.Metadata.Setting} · {report.Metadata.Date.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)}</p>
        <h1>{headline.Title}</h1>
        {(headline.Details.Length <= 3 ? Markup.Of($"<p class=\"lead\">{string.Join(" ", headline.Details)}</p>") : Markup.Of($"<ul class=\"lead\">{headline.Details.Select(d => Markup.Of($"<li>{d}</li>"))}</ul>"))}
        <div class="cards">
        {report.Results.Where(r => r.Architecture != report.Baseline).Select(r => Card(report, r))}</div>
        {(report.Matches.IsEmpty ? default : Markup.Of($"<p class=\"note\">Bars: share of the {ArchitectureNames.InSentence(report.Baseline)} model's steps and training time; the mark is 100%.</p>"))}
        </header>
        """);

    private static Markup Card(ComparisonReport report, ComparisonResult r)
    {
        var name = ArchitectureNames.Label(r.Architecture);
        var dense = ArchitectureNames.InSentence(report.Baseline);
        var baseline = report.Results.First(b => b.Architecture == report.Baseline && b.Modality == r.Modality);
        var index = HtmlReport.Architectures(report).IndexOf(r.Architecture);
        return Markup.Of($"""
            <section class="card"><h2>{ArchitectureNames.Heading(r.Modality.Name)}{(HtmlReport.Architectures(report).Length > 2 ? $" · {name}" : "")}</h2>
            {(r.StepRatio is { } ratio ? Markup.Of($"<p class=\"big s{index}\">{ReportNumbers.Percent(ratio)}</p>") : Markup.Of($"<p class=\"big words s{index}\">{Words(r.Outcome)}</p>"))}
            <p class="small">{Explanation(r, dense)}</p>
            {Bar("Steps", r.StepRatio, index)}{Bar("Time", r.SecondsRatio, index)}
            <p class="small">Validation loss <b>{ReportNumbers.Loss(r.ValidationLoss)}</b>, {dense} {ReportNumbers.Loss(baseline.ValidationLoss)}</p></section>

            """);
    }

    /// <summary>A share of the baseline's cost; the mark is the baseline. Shares above 150% are cut there.</summary>
    private static Markup Bar(string label, double? share, int index) => share is not { } s ? default : Markup.Of($"""
        <div class="bar"><span>{label}</span><span class="track"><span class="fill s{index}" style="width:{Math.Min(100, 100 * s / 1.5)}%"></span></span><span>{ReportNumbers.Percent(s)}</span></div>
        """);

    private static string Explanation(ComparisonResult r, string dense) => r.Outcome switch
    {
        MatchOutcome.Reached => $"of the {dense} model's steps for its best loss",
        MatchOutcome.NotReached => $"the {dense} model's best loss, only the one it had after {ReportNumbers.Percent(r.MatchedFraction)} of its steps",
        MatchOutcome.BeforeFirstPoint => $"the {dense} model's best loss, at the first evaluation already",
        _ => $"the {dense} model's loss never fell",
    };

    private static string Words(MatchOutcome outcome) => outcome switch
    {
        MatchOutcome.BeforeFirstPoint => "below at once",
        MatchOutcome.NothingToMatch => "nothing to match",
        _ => ReportNumbers.NotReached,
    };
}
