namespace MixtureOfTransformers.Data;

/// <summary>A document as it will be trained or validated on.</summary>
/// <param name="Split">Its side.</param>
/// <param name="Document">The document, its parts in their final order.</param>
public readonly record struct MixedDocument(DataSplit Split, Document Document);
