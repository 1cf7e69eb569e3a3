namespace MixtureOfTransformers.Tokenizers;

/// <summary>How a VAE of images is trained.</summary>
/// <remarks>Defaults: 3000 steps of 16 images.</remarks>
public sealed record ImageVaeOptions : TokenizerTrainingOptions
{
    /// <summary>The defaults.</summary>
    public ImageVaeOptions() => (Steps, BatchSize) = (3000, 16);

    /// <summary>Weight of the Kullback-Leibler divergence of the posterior from a unit normal distribution, in nats per number of a latent, beside the mean squared error of samples from −1
    /// to 1.</summary><value>Default: 0.0001.</value>
    public double KlWeight { get; init; } = 1e-4;

    /// <inheritdoc/>
    internal override string Subject => "image VAE";

    /// <summary>These options, checked.</summary>
    /// <exception cref="Storage.ConfigException">A value is out of its limits; the message names both.</exception>
    public ImageVaeOptions Validate()
    {
        ThrowIfInvalid();
        Require("kl_weight", KlWeight, KlWeight is >= 0 and < 100, "from 0 to 100");
        return this;
    }
}
