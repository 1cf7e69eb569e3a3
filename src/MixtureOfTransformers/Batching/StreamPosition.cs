namespace MixtureOfTransformers.Batching;

/// <summary>An exact place in a stream of batches: a stream that starts here gives the batches that the first one would have given next.</summary>
/// <param name="Epoch">Times the whole data has been read.</param>
/// <param name="Row">Rows used of this epoch.</param>
public readonly record struct StreamPosition(long Epoch, long Row);
