using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>What a VAE says of latents: a normal distribution for each number, N(mean, e^(log-variance)).</summary>
/// <remarks>Shapes: B images, Z numbers of a latent, h rows and w columns of latents. Both tensors belong to the dispose scope of whoever encoded the images; this only holds them.</remarks>
/// <param name="Mean">Of each number, [B, Z, h, w].</param>
/// <param name="LogVariance">Logarithm of the variance of each, [B, Z, h, w].</param>
internal readonly record struct LatentPosterior(Tensor Mean, Tensor LogVariance)
{
    /// <summary>A sample, [B, Z, h, w], by which gradients reach both; owned by the caller's scope.</summary>
    public Tensor Sample(Generator generator)
    {
        using var scope = NewDisposeScope();
        return (Mean + (LogVariance.exp().sqrt() * randn(Mean.shape, generator: generator))).MoveToOuterDisposeScope();
    }

    /// <summary>The Kullback-Leibler divergence from N(0, 1), in nats, mean over all numbers: a scalar, owned by the caller's scope.</summary>
    public Tensor Divergence()
    {
        using var scope = NewDisposeScope();
        return ((Mean.square() + LogVariance.exp() - 1 - LogVariance).mean() / 2).MoveToOuterDisposeScope();
    }
}
