using System.Globalization;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Original images beside what is left of them after the image tokenizer.</summary>
internal static class TokenizerSection
{
    public static Markup Render(ImageTokenizerQuality? tokenizer) => tokenizer is null ? default : Markup.Of($"""
        <section id="tokenizer"><h2>Image tokenizer</h2>
        <p>Images encoded to {tokenizer.TokensPerImage} tokens and decoded again: PSNR <b>{tokenizer.PsnrDb.ToString("0.0", CultureInfo.InvariantCulture)} dB</b>,
        <b>{ReportNumbers.Exact(tokenizer.CodesUsed)}</b> of {ReportNumbers.Exact(tokenizer.CodebookSize)} codes in use. No generated image can be sharper than these.</p>
        {(tokenizer.Reconstructions.IsEmpty ? default : Markup.Of($"""
        <div class="pairs">{tokenizer.Reconstructions.Select((r, i) => Markup.Of($"""
        <div class="pictures">{SampleSection.Picture(r.Original, "original", $"Original image {i + 1}")}{SampleSection.Picture(r.Decoded, "decoded", $"Image {i + 1} after encoding and decoding")}</div>
        """))}</div>
        """))}</section>
        """);
}
