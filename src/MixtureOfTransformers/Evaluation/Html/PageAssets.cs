namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>The page's style sheet and script, embedded in the assembly.</summary>
internal static class PageAssets
{
    public static Markup Style { get; } = Read("report.css");

    public static Markup Script { get; } = Read("report.js");

    private static Markup Read(string name)
    {
        using var stream = typeof(PageAssets).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded in the assembly");
        using var reader = new StreamReader(stream);
        return Markup.Trusted(reader.ReadToEnd().ReplaceLineEndings("\n"));
    }
}
