using System.Globalization;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>How speech comes out of tokens, and how well the models hear and speak.</summary>
internal static class SpeechSection
{
    public static Markup Render(SpeechQuality? speech) => speech is null ? default : Markup.Of($"""
        <section id="speech"><h2>Speech</h2>
        {AnalysisTable.Render(SpeechTable.Of(speech))}
        <p>Recordings encoded to {speech.TokensPerSecond} tokens a second and decoded again: mel-cepstral distortion <b>{Db(speech.MelCepstralDistortionDb)}</b>{(speech.GriffinLimDistortionDb is { } other ? $" (by Griffin-Lim {Db(other)})" : "")},
        <b>{ReportNumbers.Exact(speech.CodesUsed)}</b> of {ReportNumbers.Exact(speech.CodebookSize)} codes in use. No generated speech can be clearer than these.</p>
        {(speech.Reconstructions.IsEmpty ? default : Markup.Of($"""
        <div class="pairs">{speech.Reconstructions.Select(r => Markup.Of($"""
        <div class="sounds">{SampleSection.Sound(r.Original, $"“{r.Words}”, original", $"Original recording of “{r.Words}”")}{SampleSection.Sound(r.Decoded, "decoded", $"“{r.Words}” after encoding and decoding")}</div>
        """))}</div>
        """))}</section>
        """);

    private static string Db(double value) => value.ToString("0.0", CultureInfo.InvariantCulture) + " dB";
}
