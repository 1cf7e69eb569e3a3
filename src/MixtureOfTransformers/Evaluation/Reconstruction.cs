namespace MixtureOfTransformers.Evaluation;

/// <summary>A held-out image and what the image tokenizer makes of its own tokens.</summary>
/// <param name="Original">The image given.</param>
/// <param name="Decoded">The image encoded to tokens and decoded again.</param>
public sealed record Reconstruction(ReportImage Original, ReportImage Decoded);
