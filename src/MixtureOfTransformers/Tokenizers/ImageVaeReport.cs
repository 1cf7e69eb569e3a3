namespace MixtureOfTransformers.Tokenizers;

/// <summary>How well a VAE keeps images that it was not trained on.</summary>
public sealed record ImageVaeReport
{
    /// <summary>Steps that were trained.</summary>
    public required int Steps { get; init; }

    /// <summary>Images that were measured.</summary>
    public required int ImageCount { get; init; }

    /// <summary>Peak signal-to-noise ratio in dB, from the mean squared error over all samples at 8 bits.</summary>
    public required double PsnrDb { get; init; }

    /// <summary>Structural similarity (Wang et al. 2004), 1 where nothing is lost: the mean over images, channels and places of its window.</summary>
    public required double Ssim { get; init; }

    /// <summary>Numbers that an image is kept as.</summary>
    public required int NumbersPerImage { get; init; }

    /// <summary>How latents are scaled.</summary>
    public required LatentScale LatentScale { get; init; }
}
