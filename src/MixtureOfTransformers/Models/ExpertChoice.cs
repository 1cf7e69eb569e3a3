using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>How experts choose their tokens (SPEC §8; MoMa §2.2): each takes the best-scored ⌈capacity · n / E⌉ of the n tokens of its pool, E experts to a tower.</summary>
/// <remarks>Not causal: whether a token is chosen depends on later ones.</remarks>
public sealed record ExpertChoice
{
    /// <summary>What turns scores into weights.</summary><value>Sigmoid, as in MoMa.</value>
    public ExpertGate Gate { get; init; } = ExpertGate.Sigmoid;

    /// <summary>The tokens that compete with each other.</summary><value>All of the batch.</value>
    public ExpertPool Pool { get; init; } = ExpertPool.Batch;

    /// <summary>Experts that process a token on average.</summary><value>1: the FLOPs of the layer without experts.</value>
    public double Capacity { get; init; } = 1;

    /// <summary>Whether scores get noise in training, the difference of two Gumbel variables, so that experts that begin alike part (MoMa §2.5).</summary><value>False.</value>
    public bool GumbelNoise { get; init; }

    /// <summary>This choice, checked.</summary>
    /// <exception cref="ConfigException">The capacity is not positive.</exception>
    public ExpertChoice Validate() => Capacity > 0 ? this : throw new ConfigException($"capacity {Capacity} of expert_choice must be positive; 1 gives the FLOPs of a layer without experts");

    /// <summary>Tokens that each expert takes from a pool.</summary>
    /// <param name="tokens">Tokens in the pool.</param>
    /// <param name="experts">Experts that share it.</param>
    public int TokensPerExpert(int tokens, int experts) => Math.Min(tokens, (int)Math.Ceiling(tokens * Capacity / experts));
}
