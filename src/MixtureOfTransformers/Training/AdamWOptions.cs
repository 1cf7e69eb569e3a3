namespace MixtureOfTransformers.Training;

/// <summary>The constants of <see cref="AdamW"/>; the defaults are those of the paper's Transfusion runs (SPEC §2.5).</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the mean of gradients.</summary><value>0.9.</value>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squared gradients.</summary><value>0.95.</value>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Added to the root of the second moment.</summary><value>1e-8.</value>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay per unit of learning rate.</summary><value>0.1.</value>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Whether vectors (norms and biases) decay too, as in PyTorch; otherwise matrices only.</summary><value>False.</value>
    public bool DecayAll { get; init; }
}
