using System.Collections.Immutable;
using MixtureOfTransformers.Evaluation.Html;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Shows a <see cref="ComparisonReport"/> as one HTML page that holds its own styles, script, drawings and pictures and asks the network for nothing.</summary>
/// <remarks>Without script the page shows the same tables and drawings and still switches axes; the script adds what the pointer reads off.</remarks>
public static class HtmlReport
{
    /// <summary>The page, the same for the same report.</summary>
    public static string Render(ComparisonReport report)
    {
        var headline = ReportHeadline.Of(report);
        return Markup.Of($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
            <title>{report.Metadata.Setting}: {headline.Title}</title>
            <style>
            {PageAssets.Style}</style>
            </head>
            <body>
            {HeadSection.Render(report, headline)}
            <main>
            {CurveSection.Render(report)}
            {TableSection.Render(report)}
            {SampleSection.Render(report)}
            {TokenizerSection.Render(report.ImageTokenizer)}
            {DetailSection.Render(report)}
            </main>
            <script>
            {PageAssets.Script}</script>
            </body>
            </html>

            """).ToString();
    }

    /// <summary>The page of a study.</summary>
    public static string Render(ComparisonStudy study)
    {
        var first = study.Seeds[0];
        return Render(new ComparisonReport { Metadata = study.Metadata, Baseline = study.Baseline, Results = first.Results, Matches = first.Matches, Curves = first.Curves, Samples = study.Samples, Notes = study.Notes });
    }

    /// <summary>The architectures in the order of their colours: the baseline first.</summary>
    internal static ImmutableArray<string> Architectures(ComparisonReport report) =>
        [report.Baseline, .. report.Results.Select(r => r.Architecture).Where(a => a != report.Baseline).Distinct()];
}
