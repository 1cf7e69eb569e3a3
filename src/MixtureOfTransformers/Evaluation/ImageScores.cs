namespace MixtureOfTransformers.Evaluation;

/// <summary>How good images and captions are.</summary>
public sealed record ImageScores
{
    /// <summary>Fréchet distance of the images' features from those of held-out images; lower is better, see <see cref="Images.FrechetDistance"/>. Null for none.</summary>
    public double? FrechetDistance { get; init; }

    /// <summary>How well images fit their captions: mean cosine in a model of both that was trained on the training side, −1 to 1. Null for none.</summary>
    public double? CaptionScore { get; init; }

    /// <summary>CIDEr-D of the captions of held-out images, 0 to 10, see <see cref="Images.Cider"/>; null for none.</summary>
    public double? Cider { get; init; }

    /// <summary>BLEU of the captions of held-out images, 0 to 1, see <see cref="Images.Bleu"/>; null for none.</summary>
    public double? Bleu { get; init; }
}
