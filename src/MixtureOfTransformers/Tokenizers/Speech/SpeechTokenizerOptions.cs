using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>How a speech tokenizer is trained.</summary>
/// <remarks>Defaults: 1500 steps of 16 stretches of 32 tokens.</remarks>
public sealed record SpeechTokenizerOptions : CodebookTrainingOptions
{
    /// <summary>The defaults.</summary>
    public SpeechTokenizerOptions() => (Steps, BatchSize) = (1500, 16);

    /// <summary>Steps in which the encoder first learns by masked prediction alone, in the manner of DinoSR; it then stays as it is while codebook and decoder are trained.</summary><value>Default: 0,
    /// encoder and decoder are trained together.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int MaskedPredictionSteps { get; init; }

    /// <inheritdoc/>
    internal override string Subject => "speech tokenizer";

    /// <summary>These options, checked.</summary>
    /// <exception cref="Storage.ConfigException">A value is out of its limits; the message names both.</exception>
    public SpeechTokenizerOptions Validate()
    {
        ThrowIfInvalid();
        if (MaskedPredictionSteps < 0)
            throw new Storage.ConfigException($"{Subject} training: masked_prediction_steps {MaskedPredictionSteps} must not be negative");
        return this;
    }
}
