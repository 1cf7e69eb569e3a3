// Legend: B stretches, T tokens of each, P values per token, M frames, F mel bands.
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Trains a speech tokenizer on stretches of clips, drawn at random from all of them one after the other.</summary>
public static class SpeechTokenizerTrainer
{
    private const int StretchTokens = 32;
    private const int TokensAtOnce = 2048;

    /// <summary>Trains a tokenizer. With the same seed and no time limit the result is the same, on the same machine and number of threads.</summary>
    /// <param name="clips">The clips to learn from; their log-mel frames are held in memory, 26 KB per second at the defaults, and with a vocoder their sound too, 64 KB per second.</param>
    /// <param name="validation">Other clips, for the report.</param>
    /// <param name="config">Shape of frames, network and codebook. With <see cref="SpeechTokenizerOptions.VocoderSteps"/> a missing <see cref="SpeechTokenizerConfig.Vocoder"/> is the default one, without them
    /// there is none.</param>
    /// <param name="options">Steps, seconds, rates.</param>
    /// <param name="seed">Seed of weights and order.</param>
    /// <param name="progress">Told every few steps.</param>
    /// <param name="timeProvider">Measures <see cref="TokenizerTrainingOptions.MaxSeconds"/>; the system's clock when null.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    /// <returns>The tokenizer, which the caller disposes, and how well it keeps the validation clips.</returns>
    /// <exception cref="ConfigException">A setting is out of its limits.</exception>
    /// <exception cref="MotException">There are no clips, they hold no sound, or the training diverged.</exception>
    public static (SpeechTokenizer Tokenizer, SpeechTokenizerReport Report) Train(
        IReadOnlyList<AudioClip> clips, IReadOnlyList<AudioClip> validation, SpeechTokenizerConfig config, SpeechTokenizerOptions options, long seed,
        IProgress<SpeechTokenizerProgress>? progress = null, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        config = (config with { Vocoder = options.VocoderSteps > 0 ? config.Vocoder ?? new() : null }).Validate();
        if (clips.All(c => c.Samples.Length == 0) || validation.Count == 0)
            throw new MotException($"a speech tokenizer needs clips to train on and others to validate with; there are {clips.Count(c => c.Samples.Length > 0)} and {validation.Count}");
        var network = new SpeechAutoencoder(config);
        try
        {
            using var scope = NewDisposeScope();
            var frames_MF = AllFrames(clips, config, cancellationToken);
            var stretchFrames = StretchTokens * config.FramesPerToken;
            var starts = frames_MF.shape[0] - stretchFrames + 1;
            Tensor DrawBatch(int count, Generator generator) => Draw(network, frames_MF, starts, count, config, generator);
            var (masked, all) = (options.MaskedPredictionSteps, (double)options.MaskedPredictionSteps + options.Steps + options.VocoderSteps);
            if (masked > 0)
                new MaskedPrediction(network, config, DrawBatch, StretchTokens, options, (step, loss) => progress?.Report(new(SpeechTokenizerStage.MaskedPrediction, step, step / all, loss, null, null))).Run(seed, cancellationToken);
            var training = new AutoencoderTraining(masked > 0 ? new FrozenEncoder(network) : network, DrawBatch, (int)Math.Min(starts, int.MaxValue), StretchTokens, options,
                p => progress?.Report(new(SpeechTokenizerStage.Codes, masked + p.Step, (masked + (p.Fraction * options.Steps)) / all, p.Loss, Math.Sqrt(p.Error) * MelShape.UnitDb, p.Perplexity)));
            var steps = training.Run(seed, timeProvider ?? TimeProvider.System, cancellationToken);
            if (network.Vocoder is { } vocoder)
                new VocoderTraining(vocoder, config.MelShape, options, p => progress?.Report(new(SpeechTokenizerStage.Vocoder, masked + steps + p.Step, 1 - ((1 - p.Fraction) * options.VocoderSteps / all), p.Loss, p.Error, null)))
                    .Run(Decoded(network, frames_MF, config), AllSound(clips, config, frames_MF.shape[0]), seed, cancellationToken);
            var tokenizer = new SpeechTokenizer(config, network);
            return (tokenizer, SpeechMeasurement.Measure(tokenizer, validation, steps));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The frames of all clips, [M, F]; at least one stretch, silence after it.</summary>
    private static Tensor AllFrames(IReadOnlyList<AudioClip> clips, SpeechTokenizerConfig config, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var analysis = new MelAnalysis(config.MelShape);
        var frames = new List<Tensor>();
        foreach (var clip in clips)
        {
            cancellationToken.ThrowIfCancellationRequested();
            frames.Add(SpeechTokenizer.Frames(clip, config, analysis));
        }
        var missing = (StretchTokens * config.FramesPerToken) - frames.Sum(f => f.shape[0]);
        if (missing > 0)
            frames.Add(full(missing, config.MelCount, MelShape.FloorDb, dtype: ScalarType.Float32));
        return cat(frames, 0).MoveToOuterDisposeScope();
    }

    /// <summary>The samples under all frames, silence after them, [M hops].</summary>
    private static Tensor AllSound(IReadOnlyList<AudioClip> clips, SpeechTokenizerConfig config, long frameCount)
    {
        var result = zeros(frameCount * config.MelShape.Hop);
        var at = 0L;
        foreach (var clip in clips)
        {
            using var samples = tensor(SpeechTokenizer.Samples(clip, config));
            result.narrow(0, at, samples.shape[0]).copy_(samples);
            at += samples.shape[0];
        }
        return result;
    }

    /// <summary>What is left of frames once they are codes, [M, F] in dB.</summary>
    private static Tensor Decoded(SpeechAutoencoder network, Tensor frames_MF, SpeechTokenizerConfig config)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var parts = new List<Tensor>();
        foreach (var part_MF in frames_MF.split(TokensAtOnce * config.FramesPerToken))
        {
            using var inner = NewDisposeScope();
            var codes_N = network.Quantizer.Nearest(network.Encode(network.Patches(part_MF))).Codes;
            parts.Add(network.Frames(network.Decode(network.Quantizer.Lookup(codes_N), (int)codes_N.shape[0])).MoveToOuterDisposeScope());
        }
        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    /// <summary>Stretches that begin at any frame, [B, T, P].</summary>
    private static Tensor Draw(SpeechAutoencoder network, Tensor frames_MF, long starts, int count, SpeechTokenizerConfig config, Generator generator)
    {
        using var scope = NewDisposeScope();
        var first = randint(0, starts, new long[] { count, 1 }, dtype: ScalarType.Int64, generator: generator);
        var chosen = (first + arange(StretchTokens * config.FramesPerToken)).reshape(-1);
        return network.Patches(frames_MF.index_select(0, chosen)).view(count, StretchTokens, config.PatchDim).MoveToOuterDisposeScope();
    }
}
