using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Held-out captions with their images, which no model has seen.</summary>
public static class HeldOutPairs
{
    /// <summary>The first of the validation documents that are one image with one caption, in the order of the sources with images.</summary>
    /// <param name="data">The documents.</param>
    /// <param name="count">How many; fewer where there are fewer.</param>
    /// <param name="cancellation">Stops between documents.</param>
    public static ImmutableArray<(string Caption, PixelImage Image)> Read(DataRecipe data, int count, CancellationToken cancellation = default) =>
    [
        .. new DataMix(data with { Sources = [.. data.Sources.Where(s => s.Modalities.Contains(ModalityId.Image))] }).Read(new ReadProblems(data.MaxBadDocuments), cancellation)
            .Where(d => d.Split == DataSplit.Validation && d.Document.Parts.OfType<TextPart>().Count() == 1 && d.Document.Parts.OfType<ImagePart>().Count() == 1)
            .Select(d => (d.Document.Parts.OfType<TextPart>().Single().Text, d.Document.Parts.OfType<ImagePart>().Single().Image))
            .Take(count),
    ];
}
