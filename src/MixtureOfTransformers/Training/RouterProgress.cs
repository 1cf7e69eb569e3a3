namespace MixtureOfTransformers.Training;

/// <summary>Where the training of auxiliary routers stands.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">Binary cross-entropy of this step, in nats per decision.</param>
/// <param name="Agreement">Share of this step's decisions that the routers foretold, before they learned from them; see <see cref="RouterTraining.Agreement"/> for held-out tokens. Saying "no" to all of them reaches 1 - 1/E.</param>
public readonly record struct RouterProgress(int Step, double Loss, double Agreement);
