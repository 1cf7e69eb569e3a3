namespace MixtureOfTransformers.Batching;

/// <summary>A run of tokens of one document.</summary>
/// <param name="Document">Its number in the split.</param>
/// <param name="Start">First token.</param>
/// <param name="Length">Tokens, at least 1.</param>
internal readonly record struct Piece(int Document, int Start, int Length);
