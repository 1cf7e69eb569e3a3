using MixtureOfTransformers.Evaluation.Html;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Shows a study, or a report as the study of its one seed, as one HTML page that holds its own styles, script, drawings, pictures and sounds and asks the network for nothing.</summary>
/// <remarks>Without script the page shows the same tables and drawings and still switches axes; the script adds what the pointer reads off.</remarks>
public static class HtmlReport
{
    /// <summary>The page, the same for the same report.</summary>
    public static string Render(ComparisonReport report) => Render(ComparisonStudy.Of(report));

    /// <summary>The page, the same for the same study.</summary>
    public static string Render(ComparisonStudy study)
    {
        var headline = ReportHeadline.Of(study);
        return Markup.Of($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; media-src data:">
            <title>{study.Metadata.Setting}: {headline.Title}</title>
            <style>
            {PageAssets.Style}</style>
            </head>
            <body>
            {HeadSection.Render(study, headline)}
            <main>
            {CurveSection.Render(study)}
            {SavingsSection.Render(study)}
            {TableSection.Render(study)}
            {SampleSection.Render(study.Samples)}
            {ImageSection.Render(study.Images)}
            {TokenizerSection.Render(study.ImageTokenizer)}
            {SpeechSection.Render(study.Speech)}
            {DetailSection.Render(study)}
            </main>
            <script>
            {PageAssets.Script}</script>
            </body>
            </html>

            """).ToString();
    }
}
