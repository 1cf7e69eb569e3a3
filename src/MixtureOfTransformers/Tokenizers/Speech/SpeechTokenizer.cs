// Legend: N tokens, D code dimension, M frames, F mel bands.
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Speech to codes and back: a convolutional VQ-VAE (van den Oord et al. 2017) over log-mel frames, and Griffin-Lim from frames to sound.</summary>
/// <remarks>Train one with <see cref="SpeechTokenizerTrainer"/>. Every clip is brought to one level first. Codes count from 0; the joint <see cref="Vocabulary"/> adds its offset.</remarks>
public sealed class SpeechTokenizer : ISpeechTokenizer
{
    private const int TokensAtOnce = 2048; // of sound; bounds the memory of long clips
    private static readonly NetworkFiles<SpeechTokenizerConfig> _files = new("speech_tokenizer", TokenizersJson.Default.SpeechTokenizerConfig);

    private readonly SpeechAutoencoder _network;
    private readonly MelAnalysis _analysis;
    private readonly GriffinLim _griffinLim;
    private bool _isDisposed;

    /// <summary>Takes over the network.</summary>
    internal SpeechTokenizer(SpeechTokenizerConfig config, SpeechAutoencoder network)
    {
        (Config, _network) = (config, network);
        (_analysis, _griffinLim) = (new(config.MelShape), new(config.MelShape));
        Fingerprint = _files.Fingerprint(config, network);
    }

    /// <summary>The shape of frames and codes.</summary>
    public SpeechTokenizerConfig Config { get; }

    /// <inheritdoc/>
    public int SampleRate => Config.SampleRate;

    /// <inheritdoc/>
    public int TokensPerSecond => Config.TokensPerSecond;

    /// <inheritdoc/>
    public int CodebookSize => Config.RunLengthCode.Count;

    /// <inheritdoc/>
    public string Fingerprint { get; }

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
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var mel_MF = Frames(clip);
        if (mel_MF.shape[0] == 0)
            return [];
        var (codes_N, _) = _network.Quantizer.Nearest(_network.Encode(_network.Patches(mel_MF)));
        return Config.RunLengthCode.Shorten(codes_N.to(ScalarType.Int32).data<int>().ToArray());
    }

    /// <inheritdoc/>
    public AudioClip Decode(ReadOnlySpan<int> codes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Synthesize(DecodeFrames(codes));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        _analysis.Dispose();
        _griffinLim.Dispose();
        _isDisposed = true;
    }

    /// <summary>The log-mel frames of a clip at its level, silence added up to whole tokens: [M, F], owned by the caller's scope.</summary>
    internal Tensor Frames(AudioClip clip) => Frames(clip, Config, _analysis);

    internal static Tensor Frames(AudioClip clip, SpeechTokenizerConfig config, MelAnalysis analysis)
    {
        var samples = clip.AtRate(config.SampleRate).Samples;
        var tokens = (samples.Length + config.SamplesPerToken - 1) / config.SamplesPerToken;
        return analysis.Compute(SpeechLevel.Normalize(samples, tokens * config.SamplesPerToken));
    }

    /// <summary>The log-mel frames that codes stand for: [M, F], owned by the caller's scope.</summary>
    internal Tensor DecodeFrames(ReadOnlySpan<int> codes)
    {
        foreach (var code in codes)
            if ((uint)code >= (uint)CodebookSize)
                throw new MotException($"code {code} is outside the codebook of {CodebookSize}; the codes come from another speech tokenizer");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var plain = Config.RunLengthCode.Expand(codes);
        if (plain.Length == 0)
            return empty(0, Config.MelCount).MoveToOuterDisposeScope();
        var q_ND = _network.Quantizer.Lookup(tensor(plain).to(ScalarType.Int64));
        return _network.Frames(_network.Decode(q_ND, plain.Length)).MoveToOuterDisposeScope();
    }

    /// <summary>Frames to sound, in pieces.</summary>
    internal AudioClip Synthesize(Tensor mel_MF)
    {
        var samples = new List<float>();
        var frames = mel_MF.shape[0];
        var atOnce = (long)TokensAtOnce * Config.FramesPerToken;
        for (var first = 0L; first < frames; first += atOnce)
        {
            using var piece = mel_MF.narrow(0, first, Math.Min(atOnce, frames - first));
            samples.AddRange(_griffinLim.Synthesize(piece));
        }
        return new([.. samples], Config.SampleRate);
    }
}
