namespace MixtureOfTransformers.Checkpoints;

/// <summary>The lowest validation loss of a run's checkpoints so far.</summary>
/// <param name="Step">The step of that checkpoint.</param>
/// <param name="Loss">Mean cross-entropy in nats over all target tokens.</param>
public sealed record BestValidation(long Step, double Loss);
