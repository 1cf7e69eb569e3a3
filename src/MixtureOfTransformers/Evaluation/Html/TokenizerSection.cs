using System.Globalization;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Original images beside what is left of them after the image tokenizer.</summary>
internal static class TokenizerSection
{
    public static Markup Render(ImageTokenizerQuality? tokenizer) => tokenizer is null ? default : Markup.Of($"""
        <section id="tokenizer"><h2>{(tokenizer.NumbersPerToken > 0 ? "Image latents" : "Image tokenizer")}</h2>
        <p>Images encoded to {tokenizer.TokensPerImage} {(tokenizer.NumbersPerToken > 0 ? Markup.Of($"vectors of {tokenizer.NumbersPerToken} numbers") : Markup.Of($"tokens"))} and decoded again:
        PSNR <b>{Number(tokenizer.PsnrDb, "0.0")} dB</b>{(tokenizer.Ssim is { } ssim ? Markup.Of($", SSIM <b>{Number(ssim, "0.000")}</b>") : default)}{(tokenizer.CodebookSize > 0
            ? Markup.Of($", <b>{ReportNumbers.Exact(tokenizer.CodesUsed)}</b> of {ReportNumbers.Exact(tokenizer.CodebookSize)} codes in use") : default)}. No generated image can be sharper than these.</p>
        {(tokenizer.Reconstructions.IsEmpty ? default : Markup.Of($"""
        <div class="pairs">{tokenizer.Reconstructions.Select((r, i) => Markup.Of($"""
        <div class="pictures">{SampleSection.Picture(r.Original, "original", $"Original image {i + 1}")}{SampleSection.Picture(r.Decoded, "decoded", $"Image {i + 1} after encoding and decoding")}</div>
        """))}</div>
        """))}</section>
        """);

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
