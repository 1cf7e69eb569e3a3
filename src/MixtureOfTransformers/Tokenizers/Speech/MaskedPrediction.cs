// Legend: B stretches, T tokens of each, P values per token, N = B·T, M masked tokens, D code dimension, K codes.
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Trains the encoder of a speech tokenizer without a decoder, in the manner of DinoSR (Liu et al. 2023): some stretches of the sound are masked, and the student foretells there the
/// codes that the teacher, its own moving average, gives to the whole sound; the codebook is that of the teacher's vectors, learnt on the way.</summary>
/// <param name="network">Its encoder is trained; not yet initialised.</param>
/// <param name="config">Its shape.</param>
/// <param name="draw">Draws a batch of so many stretches, [B, T, P].</param>
/// <param name="stretchTokens">T.</param>
/// <param name="options">Steps, seconds and rates.</param>
/// <param name="report">Told every few steps; the loss is in nats per masked token, and there is no error.</param>
internal sealed class MaskedPrediction(SpeechAutoencoder network, SpeechTokenizerConfig config, Func<int, Generator, Tensor> draw, int stretchTokens, SpeechTokenizerOptions options, Action<AutoencoderProgress>? report = null)
{
    private const double MaskStart = 0.2; // probability that a masked stretch begins at a token, so that about half are masked
    private const int MaskLength = 3;
    private const double FirstTeacherDecay = 0.99;
    private const double LastTeacherDecay = 0.999;
    private const int StartStretches = 256; // that the codebook starts from
    private const int RevivalInterval = 10;
    private const int ReportInterval = 20;

    /// <summary>Trains; the network's encoder is then the teacher.</summary>
    /// <param name="seed">Of weights and order.</param>
    /// <param name="clock">Measures the seconds.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <returns>The loss of each step, in nats per masked token.</returns>
    /// <exception cref="MotException">The training diverged.</exception>
    public double[] Run(long seed, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        var random = new SeededRandom(seed, 4);
        var first = draw(StartStretches, generator);
        network.Initialize(first, generator);
        using var teacher = new SpeechAutoencoder(config);
        Copy(network, teacher);
        using var averages = new CodebookAverages(network.Quantizer, options.CodebookDecay, generator);
        averages.Initialize(Foreseen(teacher, first), (long)options.BatchSize * stretchTokens);
        var head_KD = new Parameter(randn(config.CodebookSize, config.CodeDim, generator: generator) * 0.02);
        var mask_P = new Parameter(zeros(config.PatchDim));
        using var optimizer = optim.AdamW([.. network.parameters(), head_KD, mask_P], options.LearningRate, beta2: 0.99, weight_decay: 1e-4);
        var losses = new List<double>();
        var begin = clock.GetTimestamp();
        for (var step = 0; ; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var done = Math.Max((double)step / options.MaskedPredictionSteps, options.MaxSeconds is { } limit ? clock.GetElapsedTime(begin).TotalSeconds / limit : 0);
            if (done >= 1)
                break;
            using var stepScope = NewDisposeScope();
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = options.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * done));
            var x_BTP = draw(options.BatchSize, generator);
            var z_ND = Foreseen(teacher, x_BTP);
            var (codes_N, distances_N) = network.Quantizer.Nearest(z_ND);
            var masked_N = Mask(random);
            var isMasked_BT1 = masked_N.view(-1, stretchTokens, 1).to(ScalarType.Float32);
            var at_M = masked_N.nonzero().squeeze(1);
            var logits_MK = network.Encode((x_BTP * (1 - isMasked_BT1)) + (mask_P * isMasked_BT1)).index_select(0, at_M).mm(head_KD.t());
            var loss = nn.functional.cross_entropy(logits_MK, codes_N.index_select(0, at_M));
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            Follow(teacher, FirstTeacherDecay + (done * (LastTeacherDecay - FirstTeacherDecay)));
            averages.Update(z_ND, codes_N);
            if (step % RevivalInterval == 0)
                averages.ReviveDead(z_ND, distances_N);
            losses.Add(loss.item<float>());
            if (!double.IsFinite(losses[step]))
                throw new MotException($"the speech tokenizer's masked prediction became {losses[step]} at step {step}; lower learning_rate");
            if (step % ReportInterval == 0)
                report?.Invoke(new(step + 1, Math.Clamp((step + 1.0) / options.MaskedPredictionSteps, done, 1), losses[step], 0));
        }
        Copy(teacher, network);
        return [.. losses];
    }

    private static void Copy(SpeechAutoencoder from, SpeechAutoencoder to)
    {
        using var noGrad = no_grad();
        foreach (var ((_, weight), (_, target)) in from.EncoderState().Zip(to.EncoderState()))
            target.copy_(weight);
    }

    private static Tensor Foreseen(SpeechAutoencoder teacher, Tensor x_BTP)
    {
        using var noGrad = no_grad();
        return teacher.Encode(x_BTP);
    }

    private void Follow(SpeechAutoencoder teacher, double decay)
    {
        using var noGrad = no_grad();
        foreach (var ((_, weight), (_, target)) in network.EncoderState().Zip(teacher.EncoderState()))
            target.mul_(decay).add_(weight, 1 - decay);
    }

    /// <summary>Which tokens of a batch are masked, [N] of bool.</summary>
    private Tensor Mask(SeededRandom random)
    {
        var masked = new bool[options.BatchSize * stretchTokens];
        for (var i = 0; i < masked.Length; i++)
            if (random.Chance(MaskStart))
                masked.AsSpan(i, Math.Min(MaskLength, stretchTokens - (i % stretchTokens))).Fill(true);
        masked[random.Next(masked.Length)] = true; // at least one
        return tensor(masked);
    }
}
