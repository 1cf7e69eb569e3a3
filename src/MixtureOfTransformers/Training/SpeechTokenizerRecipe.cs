using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers.Speech;

namespace MixtureOfTransformers.Training;

/// <summary>The speech tokenizer of a recipe. The rate of the sound is that of the data.</summary>
public sealed record SpeechTokenizerRecipe : SpeechTokenizerShape
{
    /// <summary>How it is trained.</summary>
    public SpeechTokenizerOptions Training { get; init; } = new();

    /// <summary>The configuration for the speech of <paramref name="data"/>.</summary>
    public SpeechTokenizerConfig ToConfig(DataRecipe data) => new(this) { SampleRate = data.SampleRate };

    /// <summary>This recipe, checked; against the rate of <paramref name="data"/> where they hold speech.</summary>
    /// <exception cref="Storage.ConfigException">A value is out of its limits; the message names both.</exception>
    public SpeechTokenizerRecipe Validate(DataRecipe data)
    {
        if (data.Modalities.Contains(ModalityId.Speech))
            ToConfig(data).Validate();
        Training.Validate();
        return this;
    }
}
