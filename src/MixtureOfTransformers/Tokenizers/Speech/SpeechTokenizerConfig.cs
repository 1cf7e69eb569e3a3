using System.Text.Json.Serialization;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Shape of a speech tokenizer; written as <c>config.json</c> beside its weights.</summary>
public sealed record SpeechTokenizerConfig : SpeechTokenizerShape
{
    /// <summary>The default shape.</summary>
    public SpeechTokenizerConfig() { }

    /// <summary>A shape, for sound of 16 000 samples per second unless another rate is set.</summary>
    public SpeechTokenizerConfig(SpeechTokenizerShape shape) : base(shape) { }

    /// <summary>Samples per second of the sound; clips of other rates are resampled.</summary><value>Default: 16 000.</value>
    public int SampleRate { get; init; } = 16_000;

    /// <summary>The network that makes sound of frames.</summary><value>Default: null, there is none, and Griffin-Lim makes the sound.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VocoderConfig? Vocoder { get; init; }

    /// <summary>Values under one token.</summary>
    [JsonIgnore]
    internal int PatchDim => FramesPerToken * MelCount;

    /// <summary>Samples under one token.</summary>
    [JsonIgnore]
    internal int SamplesPerToken => SampleRate / TokensPerSecond;

    /// <summary>How runs of codes are written.</summary>
    [JsonIgnore]
    internal RunLengthCode RunLengthCode => new(CodebookSize, LongestRun);

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
        if (Vocoder is { } vocoder)
        {
            Require("vocoder width", vocoder.Width, 1, 4096);
            Require("vocoder block_count", vocoder.BlockCount, 0, 64);
        }
        if (LongestRun != 0)
            Require("longest_run", LongestRun, 2, 1000);
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
