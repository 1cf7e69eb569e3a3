namespace MixtureOfTransformers.Batching;

/// <summary>An image in a batch, one token for each of its patches.</summary>
/// <param name="Start">Place of its first patch in the batch, row after row.</param>
/// <param name="Length">Patches.</param>
/// <param name="LeadsText">Whether its document begins with it and goes on with text, so that the text is learned from it.</param>
public readonly record struct ImageSpan(int Start, int Length, bool LeadsText);
