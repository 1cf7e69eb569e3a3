namespace MixtureOfTransformers.Evaluation;

/// <summary>A point of a <see cref="MeanCurve"/>: the mean over the seeds, and the lowest and highest loss among them.</summary>
internal readonly record struct MeanPoint(LossPoint Mean, double Low, double High);
