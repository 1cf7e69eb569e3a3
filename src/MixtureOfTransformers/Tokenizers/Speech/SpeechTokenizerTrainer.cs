// Legend: B stretches, T tokens of each, P values per token, M frames, F mel bands.
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Trains a speech tokenizer on stretches of clips, drawn at random from all of them one after the other.</summary>
public static class SpeechTokenizerTrainer
{
    private const int StretchTokens = 32;

    /// <summary>Trains a tokenizer. With the same seed and no time limit the result is the same, on the same machine and number of threads.</summary>
    /// <param name="clips">The clips to learn from. Beside them memory holds their log-mel frames, 26 KB per second at the defaults and twice that while they are gathered; for a vocoder also the frames that
    /// their codes stand for and their sound at one level, together 116 KB per second, and 26 KB more while they are gathered.</param>
    /// <param name="validation">Other clips, for the report.</param>
    /// <param name="config">Shape of frames, network and codebook. With <see cref="SpeechTokenizerOptions.VocoderSteps"/> a missing <see cref="SpeechTokenizerConfig.Vocoder"/> is the default one, without them
    /// there is none.</param>
    /// <param name="options">Steps, seconds, rates.</param>
    /// <param name="seed">Seed of weights and order.</param>
    /// <param name="progress">Told every few steps.</param>
    /// <param name="timeProvider">Measures <see cref="TokenizerTrainingOptions.MaxSeconds"/> of each stage; the system's clock when null.</param>
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
            var clock = timeProvider ?? TimeProvider.System;
            var (toMask, all, masked) = (options.MaskedPredictionSteps, (double)options.MaskedPredictionSteps + options.Steps + options.VocoderSteps, 0);
            if (toMask > 0)
                masked = new MaskedPrediction(network, config, DrawBatch, StretchTokens, options,
                    p => progress?.Report(new(SpeechTokenizerStage.MaskedPrediction, p.Step, p.Fraction * toMask / all, p.Loss, null, null))).Run(seed, clock, cancellationToken).Length;
            var training = new AutoencoderTraining(toMask > 0 ? new FrozenEncoder(network) : network, DrawBatch, (int)Math.Min(starts, int.MaxValue), StretchTokens, options,
                p => progress?.Report(new(SpeechTokenizerStage.Codes, masked + p.Step, (toMask + (p.Fraction * options.Steps)) / all, p.Loss, Math.Sqrt(p.Error) * MelShape.UnitDb, p.Perplexity)));
            var steps = training.Run(seed, clock, cancellationToken);
            if (network.Vocoder is { } vocoder)
            {
                var (mel_MF, sound_N) = VocoderExamples.Of(network, config, clips, frames_MF.shape[0], cancellationToken);
                new VocoderTraining(vocoder, config.MelShape, options, p => progress?.Report(new(SpeechTokenizerStage.Vocoder, masked + steps + p.Step, 1 - ((1 - p.Fraction) * options.VocoderSteps / all), p.Loss, p.Error, null)))
                    .Run(mel_MF, sound_N, seed, clock, cancellationToken);
            }
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

    /// <summary>Stretches that begin at any frame, [B, T, P].</summary>
    private static Tensor Draw(SpeechAutoencoder network, Tensor frames_MF, long starts, int count, SpeechTokenizerConfig config, Generator generator)
    {
        using var scope = NewDisposeScope();
        var first = randint(0, starts, new long[] { count, 1 }, dtype: ScalarType.Int64, generator: generator);
        var chosen = (first + arange(StretchTokens * config.FramesPerToken)).reshape(-1);
        return network.Patches(frames_MF.index_select(0, chosen)).view(count, StretchTokens, config.PatchDim).MoveToOuterDisposeScope();
    }
}
