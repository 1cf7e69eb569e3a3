namespace MixtureOfTransformers.Data;

/// <summary>A stretch of a document that belongs to one modality.</summary>
/// <param name="Modality">Its modality.</param>
public abstract record DocumentPart(ModalityId Modality);
