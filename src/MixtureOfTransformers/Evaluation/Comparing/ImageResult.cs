namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>How well a run draws and describes.</summary>
/// <param name="Scores">Null where it cannot.</param>
/// <param name="Problem">Why not; null where it can.</param>
internal sealed record ImageResult(ImageScores? Scores = null, string? Problem = null);
