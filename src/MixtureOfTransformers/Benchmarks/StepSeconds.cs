namespace MixtureOfTransformers.Benchmarks;

/// <summary>Times of one training step.</summary>
/// <param name="Forward">Routing, model and loss.</param>
/// <param name="Backward">The gradients.</param>
/// <param name="Optimizer">Norm and clipping of the gradients, AdamW.</param>
/// <param name="Total">A whole step.</param>
internal readonly record struct StepSeconds(double Forward, double Backward, double Optimizer, double Total);
