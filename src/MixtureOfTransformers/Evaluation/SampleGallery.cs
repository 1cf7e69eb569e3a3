using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Samples for a report: the same held-out captions drawn, and the same held-out images described, by every architecture.</summary>
public static class SampleGallery
{
    /// <summary>Most tokens of a generated caption.</summary>
    private const int CaptionTokens = 48;

    /// <summary>Steps of a denoised image that are shown.</summary>
    private const int ShownSteps = 8;

    /// <summary>Generates.</summary>
    /// <param name="generators">By architecture, in the order to show.</param>
    /// <param name="pairs">Held-out captions with their images.</param>
    /// <param name="drawing">How images are drawn.</param>
    /// <param name="describing">How captions are written.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    /// <returns>Two samples per pair: caption to image, and image to caption.</returns>
    public static ImmutableArray<ReportSample> Generate(IReadOnlyList<(string Architecture, MultimodalGenerator Generator)> generators, IReadOnlyList<(string Caption, PixelImage Image)> pairs,
        SamplingOptions drawing, SamplingOptions describing, CancellationToken cancellation = default)
    {
        var drawn = generators.Select(g => Draw(g.Generator, [.. pairs.Select(p => p.Caption)], drawing, cancellation)).ToArray();
        var captions = generators.Select(g => g.Generator.CaptionImages([.. pairs.Select(p => p.Image)], describing, CaptionTokens, cancellation)).ToArray();
        var truths = pairs.Select(p => Picture(p.Image)).ToArray();
        return
        [
            .. pairs.Select((pair, i) => new ReportSample
            {
                Direction = SampleDirection.CaptionToImage,
                Caption = pair.Caption,
                Image = truths[i],
                Generated = [.. generators.Select((g, a) => new GeneratedSample { Architecture = g.Architecture, Image = Picture(drawn[a].Images[i]), Steps = [.. drawn[a].Steps[i].Select(Picture)] })],
            }),
            .. pairs.Select((pair, i) => new ReportSample
            {
                Direction = SampleDirection.ImageToCaption,
                Caption = pair.Caption,
                Image = truths[i],
                Generated = [.. generators.Select((g, a) => new GeneratedSample { Architecture = g.Architecture, Caption = captions[a][i] })],
            }),
        ];
    }

    /// <summary>An image for each caption, and what it looked like on the way, where it is denoised.</summary>
    private static (IReadOnlyList<PixelImage> Images, List<PixelImage>[] Steps) Draw(MultimodalGenerator generator, string[] captions, SamplingOptions drawing, CancellationToken cancellation)
    {
        var steps = captions.Select(_ => new List<PixelImage>()).ToArray();
        var count = drawing.Denoising.Steps;
        var images = generator.GenerateImages(captions, drawing, cancellation, (caption, step, image) =>
        {
            if ((step + 1) * ShownSteps / count > step * ShownSteps / count)
                steps[caption].Add(image);
        });
        return (images, steps);
    }

    /// <summary>A picture for a report.</summary>
    public static ReportImage Picture(PixelImage image) => new(ImageCodec.EncodePng(image));
}
