using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Samples for a report: the same held-out captions drawn, and the same held-out images described, by every architecture.</summary>
public static class SampleGallery
{
    /// <summary>Most tokens of a generated caption.</summary>
    private const int CaptionTokens = 48;

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
        var images = generators.Select(g => g.Generator.GenerateImages([.. pairs.Select(p => p.Caption)], drawing, cancellation)).ToArray();
        var captions = generators.Select(g => g.Generator.CaptionImages([.. pairs.Select(p => p.Image)], describing, CaptionTokens, cancellation)).ToArray();
        var truths = pairs.Select(p => Picture(p.Image)).ToArray();
        return
        [
            .. pairs.Select((pair, i) => new ReportSample
            {
                Direction = SampleDirection.CaptionToImage,
                Caption = pair.Caption,
                Image = truths[i],
                Generated = [.. generators.Select((g, a) => new GeneratedSample { Architecture = g.Architecture, Image = Picture(images[a][i]) })],
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

    /// <summary>A picture for a report.</summary>
    public static ReportImage Picture(PixelImage image) => new(ImageCodec.EncodePng(image));
}
