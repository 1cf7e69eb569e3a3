using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>How a speech tokenizer is trained.</summary>
/// <remarks>Defaults: 1500 steps of 16 stretches of 32 tokens. <see cref="TokenizerTrainingOptions.MaxSeconds"/> holds for each stage by itself: masked prediction, codes, vocoder.</remarks>
public sealed record SpeechTokenizerOptions : CodebookTrainingOptions
{
    /// <summary>The defaults.</summary>
    public SpeechTokenizerOptions() => (Steps, BatchSize) = (1500, 16);

    /// <summary>Steps in which the encoder first learns by masked prediction alone, in the manner of DinoSR; it then stays as it is while codebook and decoder are trained.</summary><value>Default: 0,
    /// encoder and decoder are trained together.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int MaskedPredictionSteps { get; init; }

    /// <summary>Steps in which a vocoder, a network that makes sound of the frames that codes stand for, is trained at the end.</summary><value>Default: 0, there is none, and Griffin-Lim makes the
    /// sound.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int VocoderSteps { get; init; }

    /// <inheritdoc/>
    internal override string Subject => "speech tokenizer";

    /// <summary>These options, checked.</summary>
    /// <exception cref="Storage.ConfigException">A value is out of its limits; the message names both.</exception>
    public SpeechTokenizerOptions Validate()
    {
        ThrowIfInvalid();
        Require("masked_prediction_steps", MaskedPredictionSteps, MaskedPredictionSteps >= 0, "at least 0");
        Require("vocoder_steps", VocoderSteps, VocoderSteps >= 0, "at least 0");
        return this;
    }
}
