using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>How well a speech tokenizer keeps clips that it was not trained on.</summary>
public sealed record SpeechTokenizerReport
{
    /// <summary>Steps that were trained.</summary>
    public required int Steps { get; init; }

    /// <summary>Clips that were measured.</summary>
    public required int ClipCount { get; init; }

    /// <summary>Their length together, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Root mean square difference in dB between the log-mel frames of the clips and those that the codes stand for.</summary>
    public required double LogMelErrorDb { get; init; }

    /// <summary>Mel-cepstral distortion in dB (Kubichek 1993; coefficients 1 to 13 of the log-mel bands, frames aligned as they are) between the clips and the sound that
    /// the codes become.</summary>
    public required double MelCepstralDistortionDb { get; init; }

    /// <summary>The same with Griffin-Lim in place of the vocoder; null without a vocoder.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GriffinLimDistortionDb { get; init; }

    /// <summary>Codes that occur.</summary>
    public required int CodesUsed { get; init; }

    /// <summary>The share of the codebook that occurs, 0 to 1.</summary>
    public required double CodebookUse { get; init; }

    /// <summary>Perplexity of the codes: how many equally frequent codes would say as much.</summary>
    public required double Perplexity { get; init; }
}
