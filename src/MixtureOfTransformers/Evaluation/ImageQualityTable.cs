using System.Collections.Immutable;
using System.Globalization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How well models draw and describe, means over the seeds ± their sample standard deviation.</summary>
internal static class ImageQualityTable
{
    public static ReportTable Of(ImageQuality images) => new($"Images: {images.Count} held-out captions drawn and images described, without guidance; {images.Features}",
    [
        new("", "What is judged.", IsNumber: false),
        new("Fréchet distance", "Of the features of the images from those of the held-out images (Heusel et al. 2017), 0 for the same set. It falls with the number of images, so it compares only with the row of the training images, and within one table."),
        new("Caption score", $"How well images fit the captions that they were drawn from: mean cosine of image and caption in {images.Judge ?? "two small networks that learned to match those of the training side (as CLIP does)"}, −1 to 1."),
        new("CIDEr-D", "Likeness of the captions of held-out images to the true ones, where rare words count more, 0 to 10 (Vedantam et al. 2015)."),
        new($"BLEU-{images.BleuOrder}", $"Stretches of up to {images.BleuOrder} words that those captions share with the true ones, 0 to 1 (Papineni et al. 2002)."),
    ],
    [
        Row("Training images", [images.Training]),
        Row("Held-out images and captions", [images.HeldOut]),
        Row("Held-out images, captions shuffled", [images.Shuffled]),
        .. images.Models.GroupBy(m => m.Architecture).Select(models => Row(ArchitectureNames.Label(models.Key), [.. models.Select(m => m.Scores)])),
    ]);

    private static ImmutableArray<TableCell> Row(string name, ImmutableArray<ImageScores> scores)
    {
        TableCell Cell(Func<ImageScores, double?> score, string format)
        {
            var spread = SeedSpread.Of(scores.Select(score));
            return new(SpreadText.Of(spread, number => number.ToString(format, CultureInfo.InvariantCulture), "-"), SpreadText.InFull(spread, "-"));
        }
        return [new(name), Cell(s => s.FrechetDistance, "0.00"), Cell(s => s.CaptionScore, "0.000"), Cell(s => s.Cider, "0.00"), Cell(s => s.Bleu, "0.000")];
    }
}
