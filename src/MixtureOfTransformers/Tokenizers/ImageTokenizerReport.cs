namespace MixtureOfTransformers.Tokenizers;

/// <summary>How well an image tokenizer keeps images that it was not trained on.</summary>
public sealed record ImageTokenizerReport
{
    /// <summary>Steps that were trained.</summary>
    public required int Steps { get; init; }

    /// <summary>Images that were measured.</summary>
    public required int ImageCount { get; init; }

    /// <summary>Peak signal-to-noise ratio in dB, from the mean squared error over all samples at 8 bits.</summary>
    public required double PsnrDb { get; init; }

    /// <summary>Structural similarity (Wang et al. 2004), 1 where nothing is lost: the mean over images, channels and places of its window.</summary>
    public required double Ssim { get; init; }

    /// <summary>Codes that occur.</summary>
    public required int CodesUsed { get; init; }

    /// <summary>The share of the codebook that occurs, 0 to 1.</summary>
    public required double CodebookUse { get; init; }

    /// <summary>Perplexity of the codes: how many equally frequent codes would say as much.</summary>
    public required double Perplexity { get; init; }
}
