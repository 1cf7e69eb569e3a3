namespace MixtureOfTransformers.Evaluation;

/// <summary>A loss that both runs reach, and what each had spent by then.</summary>
/// <param name="Dense">Cost of the dense run when it first reached the loss, t_d; steps, FLOPs or seconds.</param>
/// <param name="Sparse">Cost of the other run when it first reached the loss, t_s, in the same unit.</param>
/// <param name="Loss">The loss, smoothed, in nats per token.</param>
public readonly record struct MatchedPoint(double Dense, double Sparse, double Loss);
