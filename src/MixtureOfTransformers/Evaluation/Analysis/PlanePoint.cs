namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>A state on a plane.</summary>
/// <param name="Modality">Its modality index.</param>
/// <param name="X">Along the axis of the largest variance.</param>
/// <param name="Y">Along the axis of the second largest.</param>
public readonly record struct PlanePoint(byte Modality, float X, float Y);
