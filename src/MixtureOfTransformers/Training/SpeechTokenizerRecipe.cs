using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers.Speech;

namespace MixtureOfTransformers.Training;

/// <summary>The speech tokenizer of a recipe. The rate of the sound is that of the data.</summary>
public sealed record SpeechTokenizerRecipe
{
    /// <summary>Tokens per second.</summary><value>Default: 25.</value>
    public int TokensPerSecond { get; init; } = 25;

    /// <summary>Log-mel frames under one token.</summary><value>Default: 4.</value>
    public int FramesPerToken { get; init; } = 4;

    /// <summary>Milliseconds under the window of one frame.</summary><value>Default: 25.</value>
    public int WindowMilliseconds { get; init; } = 25;

    /// <summary>Mel bands.</summary><value>Default: 64.</value>
    public int MelCount { get; init; } = 64;

    /// <summary>Channels of the convolutions.</summary><value>Default: 128.</value>
    public int Width { get; init; } = 128;

    /// <summary>Residual blocks in the encoder, and as many in the decoder.</summary><value>Default: 2.</value>
    public int BlockCount { get; init; } = 2;

    /// <summary>Length of a code vector.</summary><value>Default: 32.</value>
    public int CodeDim { get; init; } = 32;

    /// <summary>Speech ids in the vocabulary.</summary><value>Default: 500.</value>
    public int CodebookSize { get; init; } = 500;

    /// <summary>How it is trained.</summary>
    public SpeechTokenizerOptions Training { get; init; } = new();

    /// <summary>The configuration for the speech of <paramref name="data"/>.</summary>
    public SpeechTokenizerConfig ToConfig(DataRecipe data) => new()
    {
        SampleRate = data.SampleRate,
        TokensPerSecond = TokensPerSecond,
        FramesPerToken = FramesPerToken,
        WindowMilliseconds = WindowMilliseconds,
        MelCount = MelCount,
        Width = Width,
        BlockCount = BlockCount,
        CodeDim = CodeDim,
        CodebookSize = CodebookSize,
    };

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
