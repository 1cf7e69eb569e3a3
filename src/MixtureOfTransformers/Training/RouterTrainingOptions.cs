using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Training;

/// <summary>How auxiliary routers are trained (MoMa §2.4, Table 6).</summary>
public sealed record RouterTrainingOptions
{
    /// <summary>Steps, each on one batch.</summary><value>600. MoMa takes 5 000 to 10 000 for models a thousand times larger.</value>
    public int Steps { get; init; } = 600;

    /// <summary>Peak learning rate; after a warm-up over a fifth of the steps it falls in a line to a hundredth.</summary><value>0.01.</value>
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>These options, checked.</summary>
    /// <exception cref="ConfigException">A value is not positive.</exception>
    public RouterTrainingOptions Validate() => Steps > 0 && LearningRate > 0 ? this : throw new ConfigException($"steps {Steps} and learning_rate {LearningRate} of the routers must be positive");
}
