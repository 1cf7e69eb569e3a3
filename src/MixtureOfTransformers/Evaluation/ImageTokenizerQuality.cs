using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How well the image tokenizer, or the VAE in its place, keeps images: the ceiling of every generated image.</summary>
public sealed record ImageTokenizerQuality
{
    private const int Shown = 8;

    /// <summary>Peak signal-to-noise ratio on held-out images, in dB.</summary>
    public required double PsnrDb { get; init; }

    /// <summary>Structural similarity on held-out images, at most 1; null in reports of earlier versions.</summary>
    public double? Ssim { get; init; }

    /// <summary>Codes in the codebook; 0 for a VAE.</summary>
    public int CodebookSize { get; init; }

    /// <summary>Codes that the held-out images use; 0 for a VAE.</summary>
    public int CodesUsed { get; init; }

    /// <summary>Tokens per image.</summary>
    public required int TokensPerImage { get; init; }

    /// <summary>Numbers of a token, where tokens are latents of a VAE; 0 where they are codes.</summary>
    public int NumbersPerToken { get; init; }

    /// <summary>Examples.</summary>
    public ImmutableArray<Reconstruction> Reconstructions { get; init; } = [];

    /// <summary>Measures a tokenizer, and shows what it makes of the first images.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="heldOut">Images that it was not trained on, at least one.</param>
    public static ImageTokenizerQuality Of(ImageTokenizer tokenizer, IReadOnlyList<PixelImage> heldOut)
    {
        var measured = tokenizer.Measure(heldOut);
        return new()
        {
            PsnrDb = measured.PsnrDb,
            Ssim = measured.Ssim,
            CodebookSize = tokenizer.Config.CodebookSize,
            CodesUsed = measured.CodesUsed,
            TokensPerImage = tokenizer.Config.TokenCount,
            Reconstructions = Pairs(heldOut, images => tokenizer.Decode(tokenizer.Encode(images))),
        };
    }

    /// <summary>The same of a VAE.</summary>
    /// <param name="patches">Cuts its latents.</param>
    /// <param name="heldOut">Images that it was not trained on, at least one.</param>
    public static ImageTokenizerQuality Of(LatentPatcher patches, IReadOnlyList<PixelImage> heldOut)
    {
        var measured = patches.Vae.Measure(heldOut);
        return new()
        {
            PsnrDb = measured.PsnrDb,
            Ssim = measured.Ssim,
            TokensPerImage = patches.Grid.PatchCount,
            NumbersPerToken = patches.Grid.PatchDim,
            Reconstructions = Pairs(heldOut, images => patches.Decode(patches.Encode(images))),
        };
    }

    private static ImmutableArray<Reconstruction> Pairs(IReadOnlyList<PixelImage> heldOut, Func<IReadOnlyList<PixelImage>, IReadOnlyList<PixelImage>> thereAndBack)
    {
        PixelImage[] shown = [.. heldOut.Take(Shown)];
        return [.. shown.Zip(thereAndBack(shown), (original, decoded) => new Reconstruction(ReportImage.Of(original), ReportImage.Of(decoded)))];
    }
}
