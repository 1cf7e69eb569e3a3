using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How well the image tokenizer keeps images: the ceiling of every generated image.</summary>
public sealed record ImageTokenizerQuality
{
    /// <summary>Peak signal-to-noise ratio on held-out images, in dB.</summary>
    public required double PsnrDb { get; init; }

    /// <summary>Codes in the codebook.</summary>
    public required int CodebookSize { get; init; }

    /// <summary>Codes that the held-out images use.</summary>
    public required int CodesUsed { get; init; }

    /// <summary>Tokens per image.</summary>
    public required int TokensPerImage { get; init; }

    /// <summary>Examples.</summary>
    public ImmutableArray<Reconstruction> Reconstructions { get; init; } = [];
}
