using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How well speech passes through the speech tokenizer, and how well models hear and speak, on held-out recordings. Whether words can be recognized is judged by a classifier
/// that was trained on original recordings of the training side alone, and knows nothing of tokens.</summary>
public sealed record SpeechQuality
{
    /// <summary>Held-out recordings that were measured.</summary>
    public required int HeldOutClips { get; init; }

    /// <summary>Tokens per second of speech.</summary>
    public required int TokensPerSecond { get; init; }

    /// <summary>Codes in the codebook.</summary>
    public required int CodebookSize { get; init; }

    /// <summary>Codes that the held-out recordings use.</summary>
    public required int CodesUsed { get; init; }

    /// <summary>Mel-cepstral distortion between the recordings and what their tokens become again, in dB.</summary>
    public required double MelCepstralDistortionDb { get; init; }

    /// <summary>The same with Griffin-Lim in place of the tokenizer's vocoder; null without a vocoder.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GriffinLimDistortionDb { get; init; }

    /// <summary>The words that the recognizer tells apart; none where what is said is too varied for one.</summary>
    public ImmutableArray<string> RecognizedWords { get; init; } = [];

    /// <summary>The share of the recordings that the recognizer gets right, 0 to 1; null without a recognizer.</summary>
    public double? OriginalRecognized { get; init; }

    /// <summary>The same of the recordings encoded to tokens and decoded again.</summary>
    public double? DecodedRecognized { get; init; }

    /// <summary>The same with Griffin-Lim in place of the tokenizer's vocoder; null without a vocoder or a recognizer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GriffinLimRecognized { get; init; }

    /// <summary>The share of held-out images with a spoken caption for which that caption is found among all of theirs, 0 to 1, by a matcher that was trained on images and captions of the training side alone;
    /// null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? OriginalMatched { get; init; }

    /// <summary>The models.</summary>
    public ImmutableArray<ModelSpeechQuality> Models { get; init; } = [];

    /// <summary>Examples.</summary>
    public ImmutableArray<SpeechReconstruction> Reconstructions { get; init; } = [];
}
