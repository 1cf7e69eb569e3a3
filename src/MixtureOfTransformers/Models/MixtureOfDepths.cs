using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>Layers that only the best-scored part of the tokens passes, and all others skip (MoMa §2.3). Off where <see cref="MotConfig.MixtureOfDepths"/> is null.</summary>
/// <remarks>As in the paper: every second layer from layer 0 on, a quarter of the tokens of a batch, a gate sigmoid(x · w) common to all modalities, attention and feed-forward skipped
/// together. The paper does not write down how the gate enters; ours is y = x + gate · (layer(x) − x) for tokens that pass, so that the gate learns, after Raposo et al. 2024
/// (arXiv:2404.02258). Not causal in training, as whether a token passes depends on later ones; see <see cref="ExpertRouting"/>.</remarks>
public sealed record MixtureOfDepths
{
    /// <summary>Share of the tokens of a pool that pass, rounded up to whole tokens.</summary><value>0.25.</value>
    public double Capacity { get; init; } = 0.25;

    /// <summary>Every how many layers one has a gate, from layer 0 on.</summary><value>2.</value>
    public int Every { get; init; } = 2;

    /// <summary>The tokens that compete with each other; padding never does.</summary><value>All of the batch.</value>
    public ExpertPool Pool { get; init; } = ExpertPool.Batch;

    /// <summary>These settings, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits.</exception>
    public MixtureOfDepths Validate() => Capacity is not (> 0 and <= 1) ? throw new ConfigException($"capacity {Capacity} of mixture_of_depths must be above 0 and at most 1, the share of tokens that pass")
        : Every < 1 ? throw new ConfigException($"every {Every} of mixture_of_depths must be positive; 2 gives every second layer a gate")
        : this;

    /// <summary>Whether layer <paramref name="layer"/> has a gate.</summary>
    public bool Has(int layer) => layer % Every == 0;

    /// <summary>How many of <paramref name="layers"/> layers have a gate.</summary>
    public int CountOf(int layers) => (layers + Every - 1) / Every;

    /// <summary>Tokens that pass of a pool of <paramref name="tokens"/>.</summary>
    public int TokensOf(int tokens) => Math.Min(tokens, (int)Math.Ceiling(tokens * Capacity));
}
