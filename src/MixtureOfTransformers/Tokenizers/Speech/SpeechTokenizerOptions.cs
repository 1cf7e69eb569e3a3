namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>How a speech tokenizer is trained.</summary>
/// <remarks>Defaults: 1500 steps of 16 stretches of 32 tokens.</remarks>
public sealed record SpeechTokenizerOptions : TokenizerTrainingOptions
{
    /// <summary>The defaults.</summary>
    public SpeechTokenizerOptions() => (Steps, BatchSize) = (1500, 16);

    /// <inheritdoc/>
    internal override string Subject => "speech tokenizer";

    /// <summary>These options, checked.</summary>
    /// <exception cref="Storage.ConfigException">A value is out of its limits; the message names both.</exception>
    public SpeechTokenizerOptions Validate()
    {
        ThrowIfInvalid();
        return this;
    }
}
