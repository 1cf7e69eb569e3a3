using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Images;

/// <summary>Tells how well images fit captions.</summary>
internal interface ICaptionScore
{
    /// <summary>What tells it, for a table; null for networks that were trained on the data at hand.</summary>
    string? Judge { get; }

    /// <summary>The mean cosine of the directions of images and captions, one for each, −1 to 1.</summary>
    double Score(IReadOnlyList<PixelImage> images, IReadOnlyList<string> captions);
}
