namespace MixtureOfTransformers.Tokenizers;

/// <summary>An image as vectors.</summary>
/// <param name="SizeIndex">Which of <see cref="IPatchCodec.Shapes"/> it has, counted from 0.</param>
/// <param name="Numbers">Its patches one after the other, [patches, X].</param>
public sealed record ImagePatches(int SizeIndex, float[] Numbers);
