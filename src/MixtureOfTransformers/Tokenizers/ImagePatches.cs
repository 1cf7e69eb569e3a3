namespace MixtureOfTransformers.Tokenizers;

/// <summary>An image as vectors.</summary>
/// <param name="Size">Which of the sizes of <see cref="IPatchCodec.Shapes"/> it has.</param>
/// <param name="Numbers">Its patches one after the other, [patches, X].</param>
public sealed record ImagePatches(int Size, float[] Numbers);
