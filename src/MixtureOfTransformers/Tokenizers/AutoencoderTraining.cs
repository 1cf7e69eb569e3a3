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
        return loop.Run(network.CodecParameters(), (descend, step, spent) =>
            Step(averages, descend, draw(options.BatchSize, generator), isReviving: step % RevivalInterval == 0 && spent < RevivalEnd), clock, cancellationToken);
    }

    private (Tensor Loss, Tensor Error) Step(CodebookAverages averages, Action<Tensor> descend, Tensor examples, bool isReviving)
    {
        using var scope = NewDisposeScope();
        var z_ND = network.Encode(examples);
        var (codes_N, distances_N) = network.Quantizer.Nearest(z_ND);
        var q_ND = network.Quantizer.Lookup(codes_N);
        var (reconstruction, error) = AutoencoderLoop.Reconstruction(network.Decode(VectorQuantizer.StraightThrough(z_ND, q_ND), tokensPerExample), examples);
        var loss = reconstruction + (options.CommitmentWeight * (z_ND - q_ND).square().mean());
        descend(loss);
        averages.Update(z_ND.detach(), codes_N);
        if (isReviving)
            averages.ReviveDead(z_ND.detach(), distances_N);
        return (loss.detach().MoveToOuterDisposeScope(), error.detach().MoveToOuterDisposeScope());
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
