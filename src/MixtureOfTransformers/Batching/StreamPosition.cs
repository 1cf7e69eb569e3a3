namespace MixtureOfTransformers.Batching;

/// <summary>An exact place in a stream of batches: a stream that starts here gives the batches that the first one would have given next.</summary>
/// <param name="Epoch">Times the whole data has been read.</param>
/// <param name="Document">Documents finished in this epoch, in its shuffled order.</param>
/// <param name="Token">Tokens already used of the next document.</param>
public readonly record struct StreamPosition(long Epoch, long Document, long Token);
