namespace MixtureOfTransformers.Evaluation;

/// <summary>How well one model draws and describes.</summary>
/// <param name="Architecture">Short name, such as <c>dense</c> or <c>mot</c>.</param>
/// <param name="Seed">Of the run.</param>
/// <param name="Scores">Of what it drew from the held-out captions, without guidance, and of its captions of the held-out images, greedily.</param>
public sealed record ModelImageQuality(string Architecture, long Seed, ImageScores Scores);
