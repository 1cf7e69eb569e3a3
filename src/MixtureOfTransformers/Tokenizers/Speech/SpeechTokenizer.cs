// Legend: M frames, F mel bands.
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Speech to codes and back: a convolutional VQ-VAE (van den Oord et al. 2017) over log-mel frames, and a vocoder from frames to sound: a network where one was trained,
/// else Griffin-Lim.</summary>
/// <remarks>Train one with <see cref="SpeechTokenizerTrainer"/>. Every clip is brought to one level first. Codes count from 0; the joint <see cref="Vocabulary"/> adds its offset.</remarks>
public sealed class SpeechTokenizer : ISpeechTokenizer
{
    private static readonly NetworkFiles<SpeechTokenizerConfig> _files = new("speech_tokenizer", TokenizersJson.Default.SpeechTokenizerConfig);

    private readonly SpeechAutoencoder _network;
    private readonly SpeechCoding _coding;
    private readonly IVocoder _vocoder;
    private bool _isDisposed;

    /// <summary>Takes over the network.</summary>
    internal SpeechTokenizer(SpeechTokenizerConfig config, SpeechAutoencoder network)
    {
        (Config, _network) = (config, network);
        _coding = new(config, network);
        _vocoder = network.Vocoder is { } vocoder ? new NeuralVocoder(vocoder, config.MelShape) : new GriffinLim(config.MelShape);
        Fingerprint = _files.Fingerprint(config, network);
    }

    /// <summary>The shape of frames and codes.</summary>
    public SpeechTokenizerConfig Config { get; }

    /// <inheritdoc cref="SpeechCoding.TokensAtOnce"/>
    internal int TokensAtOnce { get => _coding.TokensAtOnce; set => _coding.TokensAtOnce = value; }

    /// <inheritdoc/>
    public int SampleRate => Config.SampleRate;

    /// <inheritdoc/>
    public int TokensPerSecond => Config.TokensPerSecond;

    /// <inheritdoc/>
    public int CodebookSize => Config.RunLengthCode.Count;

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public double LongestSeconds(int tokens) => (double)tokens / TokensPerSecond * Math.Max(1, Config.LongestRun / 2.0); // a code and its duration

    /// <summary>Whether the weights in a folder are those of a speech tokenizer.</summary>
    /// <exception cref="MotException">They are damaged.</exception>
    public static bool IsIn(string folder) => _files.AreIn(folder);

    /// <summary>Reads <c>config.json</c> and <c>model.safetensors</c> from a folder.</summary>
    /// <returns>The tokenizer; the caller disposes it.</returns>
    /// <exception cref="MotException">A file is missing or damaged, holds something else, or does not fit the other; the message lists every tensor at fault.</exception>
    public static SpeechTokenizer Load(string folder) => _files.Load(folder, config => new SpeechAutoencoder(config.Validate()), (config, network) => new SpeechTokenizer(config, network));

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c>, each atomically.</summary>
    public void Save(string folder)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _files.Save(folder, Config, _network);
    }

    /// <inheritdoc/>
    public int[] Encode(AudioClip clip)
    {
        ReadOnlyMemory<float>[] samples = [clip.AtRate(SampleRate).Samples];
        return [.. Encode(SpeechLevel.Of(samples), samples)];
    }

    /// <summary>A recording of any length to codes, the same as <see cref="Encode(AudioClip)"/> gives. It is read twice, for its level and for its sound, and never held as a whole.</summary>
    /// <param name="path">A WAV, FLAC or Ogg Vorbis file of any rate.</param>
    /// <exception cref="MotException">The file does not exist or cannot be read; the message names it.</exception>
    public int[] EncodeFile(string path)
    {
        var level = AudioFile.Use(path, double.PositiveInfinity, sound => SpeechLevel.Of(sound.AtRate(SampleRate).Blocks));
        return AudioFile.Use(path, double.PositiveInfinity, sound => Encode(level, sound.AtRate(SampleRate).Blocks).ToArray());
    }

    /// <inheritdoc/>
    public AudioClip Decode(ReadOnlySpan<int> codes) => new([.. DecodeBlocks(codes.ToArray()).SelectMany(block => block)], SampleRate);

    /// <summary>The same with Griffin-Lim, for comparison; null where <see cref="Decode"/> does just that.</summary>
    internal AudioClip? DecodeByGriffinLim(ReadOnlySpan<int> codes)
    {
        if (_vocoder is GriffinLim)
            return null;
        using var griffinLim = new GriffinLim(Config.MelShape);
        return new([.. Synthesize(Plain(codes), griffinLim).SelectMany(block => block)], SampleRate);
    }

    /// <summary>Codes to sound, block by block: each is made when it is asked for, and only one is held.</summary>
    /// <param name="codes">Any number of codes.</param>
    /// <exception cref="MotException">A code is outside the codebook.</exception>
    public IEnumerable<float[]> DecodeBlocks(int[] codes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Synthesize(Plain(codes), _vocoder);
    }

    /// <summary>The samples of the sound that <see cref="DecodeBlocks"/> makes.</summary>
    /// <exception cref="MotException">A code is outside the codebook.</exception>
    public long CountSamples(int[] codes) => (long)Plain(codes).Length * Config.SamplesPerToken;

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        _coding.Dispose();
        _vocoder.Dispose();
        _isDisposed = true;
    }

    /// <summary>The log-mel frames of a clip at its level, silence added up to whole tokens: [M, F], owned by the caller's scope.</summary>
    internal Tensor Frames(AudioClip clip) => Frames(clip, Config, _coding.Analysis);

    internal static Tensor Frames(AudioClip clip, SpeechTokenizerConfig config, MelAnalysis analysis) => analysis.Compute(Samples(clip, config));

    /// <summary>The samples of a clip at its level, silence added up to whole tokens.</summary>
    internal static float[] Samples(AudioClip clip, SpeechTokenizerConfig config)
    {
        var samples = clip.AtRate(config.SampleRate).Samples;
        var tokens = (samples.Length + config.SamplesPerToken - 1) / config.SamplesPerToken;
        return SpeechLevel.Normalize(samples, tokens * config.SamplesPerToken);
    }

    /// <summary>The log-mel frames that codes stand for: [M, F], owned by the caller's scope.</summary>
    internal Tensor DecodeFrames(ReadOnlySpan<int> codes)
    {
        var plain = Plain(codes);
        return _coding.Frames(plain, 0, plain.Length * Config.FramesPerToken);
    }

    /// <summary>The codes without durations.</summary>
    private int[] Plain(ReadOnlySpan<int> codes)
    {
        foreach (var code in codes)
            if ((uint)code >= (uint)CodebookSize)
                throw new MotException($"code {code} is outside the codebook of {CodebookSize}; the codes come from another speech tokenizer");
        return Config.RunLengthCode.Expand(codes);
    }

    private IEnumerable<int> Encode(SpeechLevel level, IEnumerable<ReadOnlyMemory<float>> blocks)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Config.RunLengthCode.Shorten(_coding.Codes(level, blocks));
    }

    private IEnumerable<float[]> Synthesize(int[] plain, IVocoder vocoder) =>
        vocoder.Synthesize(plain.Length * Config.FramesPerToken, (first, count) => _coding.Frames(plain, first, count), TokensAtOnce * Config.FramesPerToken);
}
