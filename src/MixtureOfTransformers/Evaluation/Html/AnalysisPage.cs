using MixtureOfTransformers.Evaluation.Analysis;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>An <see cref="AnalysisReport"/> as one HTML page that asks the network for nothing.</summary>
internal static class AnalysisPage
{
    private const string Style = """
        .planes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 250px), 1fr)); gap: 16px; }
        .plane circle { fill: var(--c); fill-opacity: .55; }
        .plane .box { fill: none; stroke: var(--grid); }
        .plane p { margin: 0; }
        .panels > .panel:only-child { max-width: 640px; }

        """;

    public static string Render(AnalysisReport report) => Markup.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>Analysis of {Runs(report)}</title>
        <style>
        {PageAssets.Style}{Markup.Trusted(Style)}</style>
        </head>
        <body>
        <header><p class="kicker">Mixture-of-Transformers · analysis</p><h1>What {Runs(report)} {(report.Runs.Length == 1 ? "makes" : "make")} of each modality</h1></header>
        <main>
        {SeparationSection.Render(report)}
        {ScalingSection.Render(report)}
        {report.Runs.Select(RunSection.Render)}
        </main>
        </body>
        </html>

        """).ToString();

    private static string Runs(AnalysisReport report)
    {
        string[] names = [.. report.Runs.Select(run => run.Name)];
        return names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
    }
}
