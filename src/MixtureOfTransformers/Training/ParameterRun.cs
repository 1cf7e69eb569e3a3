namespace MixtureOfTransformers.Training;

/// <summary>A stretch of a flat buffer whose parameters share a learning rate.</summary>
/// <param name="Start">Its first element.</param>
/// <param name="Length">Its elements.</param>
/// <param name="RateFactor">Factor of the learning rate; 0 where nothing changes, by decay neither.</param>
public readonly record struct ParameterRun(long Start, long Length, double RateFactor);
