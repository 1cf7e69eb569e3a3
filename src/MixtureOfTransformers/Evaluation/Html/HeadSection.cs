namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>The finding in words, and one card per modality that shows it as bars.</summary>
internal static class HeadSection
{
    public static Markup Render(ComparisonReport report, ReportHeadline headline) => Markup.Of($"""
        <header>
        <p class="kicker">Mixture-of-Transformers · {report.Metadata.Setting} · {report.Metadata.Date.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)}</p>
        <h1>{headline.Title}</h1>
        <p class="lead">{string.Join(" ", headline.Details)}</p>
        <div class="cards">
        {report.Results.Where(r => r.Architecture != report.Baseline).Select(r => Card(report, r))}</div>
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
            <p class="big s{index}">{(r.StepRatio is { } ratio ? ReportNumbers.Percent(ratio) : Words(r.Outcome))}</p>
            <p class="small">{(r.StepRatio is null ? $"the {dense} model's best loss" : $"of the {dense} model's steps for its best loss")}</p>
            {Bar("Steps", r.StepRatio, index)}{Bar("Time", r.SecondsRatio, index)}
            <p class="small">Validation loss <b>{ReportNumbers.Loss(r.ValidationLoss)}</b>, {dense} {ReportNumbers.Loss(baseline.ValidationLoss)}</p></section>

            """);
    }

    /// <summary>A share of the baseline's cost; the mark is the baseline. Shares above 150% are cut there.</summary>
    private static Markup Bar(string label, double? share, int index) => share is not { } s ? default : Markup.Of($"""
        <div class="bar"><span>{label}</span><span class="track"><span class="fill s{index}" style="width:{Math.Min(100, 100 * s / 1.5)}%"></span></span><span>{ReportNumbers.Percent(s)}</span></div>
        """);

    private static string Words(MatchOutcome outcome) => outcome switch
    {
        MatchOutcome.BeforeFirstPoint => "below at once",
        MatchOutcome.NothingToMatch => "nothing to match",
        _ => ReportNumbers.NotReached,
    };
}
