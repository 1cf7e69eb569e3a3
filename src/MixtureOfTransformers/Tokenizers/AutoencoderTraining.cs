// Legend: N tokens, D code dimension.
using MixtureOfTransformers.Storage;
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
    IQuantizedAutoencoder network, Func<int, Generator, Tensor> draw, int exampleCount, int tokensPerExample, CodebookTrainingOptions options, Action<AutoencoderProgress> report)
{
    private const double RevivalEnd = 0.85;    // share of the budget after which codes stay where they are
    private const int RevivalInterval = 10;
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
        var loop = new AutoencoderLoop(options, p => report(p with { Perplexity = CodebookUse.Perplexity([.. averages.Counts.data<float>().ToArray().Select(c => (double)c)]) }));
        var (z_ND, codes_N, distances_N) = ((Tensor?)null, (Tensor?)null, (Tensor?)null); // of the step at work
        return loop.Run(network.parameters(), Step, Update, clock, cancellationToken);

        (Tensor Loss, Tensor Error) Step()
        {
            var examples = draw(options.BatchSize, generator);
            z_ND = network.Encode(examples);
            (codes_N, distances_N) = network.Quantizer.Nearest(z_ND);
            var q_ND = network.Quantizer.Lookup(codes_N);
            var (loss, error) = AutoencoderLoop.Reconstruction(network.Decode(VectorQuantizer.StraightThrough(z_ND, q_ND), tokensPerExample), examples);
            return (loss + (options.CommitmentWeight * (z_ND - q_ND).square().mean()), error);
        }

        void Update(int step, double spent)
        {
            averages.Update(z_ND!.detach(), codes_N!);
            if (step % RevivalInterval == 0 && spent < RevivalEnd)
                averages.ReviveDead(z_ND.detach(), distances_N!);
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
}
