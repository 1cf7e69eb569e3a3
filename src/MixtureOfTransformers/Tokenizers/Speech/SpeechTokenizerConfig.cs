using System.Text.Json.Serialization;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Shape of a speech tokenizer; written as <c>config.json</c> beside its weights.</summary>
public sealed record SpeechTokenizerConfig
{
    /// <summary>Samples per second of the sound; clips of other rates are resampled.</summary><value>Default: 16 000.</value>
    public int SampleRate { get; init; } = 16_000;

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

    /// <summary>Values under one token.</summary>
    [JsonIgnore]
    internal int PatchDim => FramesPerToken * MelCount;

    /// <summary>Samples under one token.</summary>
    [JsonIgnore]
    internal int SamplesPerToken => SampleRate / TokensPerSecond;

    /// <summary>The frames.</summary>
    [JsonIgnore]
    internal MelShape MelShape => new(SampleRate, SamplesPerToken / FramesPerToken, SampleRate * WindowMilliseconds / 1000, MelCount);

    /// <summary>This configuration, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both.</exception>
    public SpeechTokenizerConfig Validate()
    {
        Require("sample_rate", SampleRate, AudioClip.MinSampleRate, AudioClip.MaxSampleRate);
        Require("tokens_per_second", TokensPerSecond, 1, 200);
        Require("frames_per_token", FramesPerToken, 1, 64);
        Require("window_milliseconds", WindowMilliseconds, 1, 500);
        Require("mel_count", MelCount, 8, 256);
        Require("width", Width, 1, 4096);
        Require("block_count", BlockCount, 0, 64);
        Require("code_dim", CodeDim, 1, 1024);
        Require("codebook_size", CodebookSize, 2, 1 << 20);
        if (SampleRate % (TokensPerSecond * FramesPerToken) != 0)
            throw new ConfigException($"speech tokenizer: {SampleRate} samples per second do not divide into {TokensPerSecond} tokens of {FramesPerToken} frames; choose another sample_rate, such as 16000");
        if (MelShape.Window < MelShape.Hop)
            throw new ConfigException($"speech tokenizer: a window of {MelShape.Window} samples leaves gaps between frames {MelShape.Hop} samples apart; raise window_milliseconds or frames_per_token");
        return this;
    }

    private static void Require(string name, int value, int low, int high)
    {
        if (value < low || value > high)
            throw new ConfigException($"speech tokenizer: {name} {value} is outside {low} to {high}");
    }
}
