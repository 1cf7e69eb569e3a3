namespace MixtureOfTransformers.Evaluation;

/// <summary>That a run went wrong and has no result; a comparison goes on without it.</summary>
/// <param name="Step">The step that could not be made, counted from 1, or after which the validation loss was not finite, or the training loss above that of the untrained model.</param>
/// <param name="Reason">What was wrong.</param>
public sealed record Divergence(long Step, string Reason);
