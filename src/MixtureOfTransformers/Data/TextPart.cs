namespace MixtureOfTransformers.Data;

/// <summary>Text in a document.</summary>
/// <param name="Text">The characters, not yet tokenized.</param>
public sealed record TextPart(string Text) : DocumentPart(ModalityId.Text);
