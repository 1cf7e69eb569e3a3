using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How well the image tokenizer keeps images: the ceiling of every generated image.</summary>
public sealed record ImageTokenizerQuality
{
    private const int Shown = 8;

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

    /// <summary>Measures a tokenizer, and shows what it makes of the first images.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="heldOut">Images that it was not trained on, at least one.</param>
    public static ImageTokenizerQuality Of(ImageTokenizer tokenizer, IReadOnlyList<PixelImage> heldOut)
    {
        var measured = tokenizer.Measure(heldOut);
        var shown = heldOut.Take(Shown).ToList();
        return new()
        {
            PsnrDb = measured.PsnrDb,
            CodebookSize = tokenizer.Config.CodebookSize,
            CodesUsed = measured.CodesUsed,
            TokensPerImage = tokenizer.Config.TokenCount,
            Reconstructions = [.. shown.Zip(tokenizer.Decode(tokenizer.Encode(shown))).Select(p => new Reconstruction(ReportImage.Of(p.First), ReportImage.Of(p.Second)))],
        };
    }
}
