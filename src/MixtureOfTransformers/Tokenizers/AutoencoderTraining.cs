// Legend: N tokens, D code dimension.
using MixtureOfTransformers.Storage;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Trains an autoencoder with a codebook: reconstruction and commitment by AdamW, the codebook by running averages.</summary>
/// <param name="network">Not yet initialised.</param>
/// <param name="draw">Draws a batch of so many examples.</param>
/// <param name="exampleCount">How many examples there are.</param>
/// <param name="tokensPerExample">Tokens of one example.</param>
/// <param name="options">Steps, seconds, rates.</param>
/// <param name="report">Told every few steps.</param>
internal sealed class AutoencoderTraining(
    IQuantizedAutoencoder network, Func<int, Generator, Tensor> draw, int exampleCount, int tokensPerExample, TokenizerTrainingOptions options, Action<AutoencoderProgress> report)
{
    private const int WarmupSteps = 20;
    private const double DecayStart = 0.4;     // share of the budget at which the learning rate begins to fall
    private const double LastRate = 0.02;      // of the highest
    private const double RevivalEnd = 0.85;    // share of the budget after which codes stay where they are
    private const int RevivalInterval = 10;
    private const int ReportInterval = 20;
    private const double AbsoluteErrorWeight = 0.1; // keeps flat areas clean, which squares hardly punish
    private const int StartSamples = 16384;    // tokens that the codebook starts from

    /// <summary>Trains. With the same seed and no time limit the result is the same, on the same machine and number of threads.</summary>
    /// <returns>Steps done.</returns>
    /// <exception cref="MotException">The training diverged.</exception>
    public int Run(long seed, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        using var averages = new CodebookAverages(network.Quantizer, options.CodebookDecay, generator);
        Start(averages, generator);
        using var optimizer = optim.AdamW(network.parameters(), options.LearningRate, beta2: 0.99, weight_decay: 1e-4);

        var begin = clock.GetTimestamp();
        for (var step = 0; ; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var seconds = clock.GetElapsedTime(begin).TotalSeconds;
            var spent = Math.Max((double)step / options.Steps, options.MaxSeconds is { } limit ? seconds / limit : 0);
            if (spent >= 1)
                return step;
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = options.LearningRate * RateAt(step, spent);
            using var stepScope = NewDisposeScope();
            var (loss, error) = Step(averages, optimizer, draw(options.BatchSize, generator), isReviving: step % RevivalInterval == 0 && spent < RevivalEnd);
            if (step % ReportInterval == 0 || step + 1 == options.Steps)
                Report(step, Math.Max(spent, (step + 1.0) / options.Steps), loss, error, averages);
        }
    }

    private void Start(CodebookAverages averages, Generator generator)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var examples = draw(Math.Clamp(StartSamples / tokensPerExample, 1, exampleCount), generator);
        network.Initialize(examples, generator);
        averages.Initialize(network.Encode(examples), (long)options.BatchSize * tokensPerExample);
    }

    private (Tensor Loss, Tensor Error) Step(CodebookAverages averages, AdamW optimizer, Tensor examples, bool isReviving)
    {
        using var scope = NewDisposeScope();
        var z_ND = network.Encode(examples);
        var (codes_N, distances_N) = network.Quantizer.Nearest(z_ND);
        var q_ND = network.Quantizer.Lookup(codes_N);
        var difference = network.Decode(VectorQuantizer.StraightThrough(z_ND, q_ND), tokensPerExample) - examples;
        var error = difference.square().mean();
        var loss = error + (AbsoluteErrorWeight * difference.abs().mean()) + (options.CommitmentWeight * (z_ND - q_ND).square().mean());
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        averages.Update(z_ND.detach(), codes_N);
        if (isReviving)
            averages.ReviveDead(z_ND.detach(), distances_N);
        return (loss.detach().MoveToOuterDisposeScope(), error.detach().MoveToOuterDisposeScope());
    }

    private void Report(int step, double spent, Tensor loss, Tensor error, CodebookAverages averages)
    {
        var value = loss.item<float>();
        if (!float.IsFinite(value))
            throw new MotException($"the {options.Subject}'s loss became {value} at step {step}; lower learning_rate");
        var counts = averages.Counts.data<float>().ToArray();
        report(new(step + 1, Math.Min(spent, 1), value, error.item<float>(), CodebookUse.Perplexity([.. counts.Select(c => (double)c)])));
    }

    private static double RateAt(int step, double spent)
    {
        var warmup = Math.Min(1, (step + 1.0) / WarmupSteps);
        var fall = Math.Max(0, (spent - DecayStart) / (1 - DecayStart));
        return warmup * (LastRate + ((1 - LastRate) * 0.5 * (1 + Math.Cos(Math.PI * fall))));
    }
}
