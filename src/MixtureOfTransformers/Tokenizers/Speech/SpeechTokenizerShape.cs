using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>What a recipe says of a speech tokenizer, and its <see cref="SpeechTokenizerConfig"/> too: all but the rate of the sound.</summary>
public abstract record SpeechTokenizerShape
{
    /// <summary>Tokens per second.</summary><value>Default: 25, as in the paper: 40 ms each.</value>
    public int TokensPerSecond { get; init; } = 25;

    /// <summary>Log-mel frames under one token.</summary><value>Default: 4, so that a frame is 10 ms.</value>
    public int FramesPerToken { get; init; } = 4;

    /// <summary>Milliseconds under the window of one frame.</summary><value>Default: 25.</value>
    public int WindowMilliseconds { get; init; } = 25;

    /// <summary>Mel bands, on Slaney's scale.</summary><value>Default: 64.</value>
    public int MelCount { get; init; } = 64;

    /// <summary>Channels of the convolutions.</summary><value>Default: 128.</value>
    public int Width { get; init; } = 128;

    /// <summary>Residual blocks in the encoder, and as many in the decoder.</summary><value>Default: 2.</value>
    public int BlockCount { get; init; } = 2;

    /// <summary>Length of a code vector.</summary><value>Default: 32.</value>
    public int CodeDim { get; init; } = 32;

    /// <summary>Code vectors, which is the number of speech ids in the vocabulary.</summary><value>Default: 500, as in the paper.</value>
    public int CodebookSize { get; init; } = 500;

    /// <summary>The longest run of equal codes that becomes one code and one duration, at least 2; durations are ids of their own after the codes.</summary><value>Default: 0, every code by itself.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int LongestRun { get; init; }
}
