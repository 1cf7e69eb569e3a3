namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>How well the models draw and describe.</summary>
internal static class ImageSection
{
    public static Markup Render(ImageQuality? images) => images is null ? default : Markup.Of($"""
        <section id="image-quality"><h2>How well they draw and describe</h2>
        {AnalysisTable.Render(ImageQualityTable.Of(images))}</section>
        """);
}
