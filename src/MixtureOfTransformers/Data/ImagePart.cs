namespace MixtureOfTransformers.Data;

/// <summary>An image in a document.</summary>
/// <param name="Image">The pixels, already at the size the image tokenizer takes.</param>
public sealed record ImagePart(PixelImage Image) : DocumentPart(ModalityId.Image);
