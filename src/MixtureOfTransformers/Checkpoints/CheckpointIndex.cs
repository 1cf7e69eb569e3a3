namespace MixtureOfTransformers.Checkpoints;

/// <summary>Which checkpoint is the latest and which the best; written as <c>index.json</c>.</summary>
/// <param name="Latest">Folder name of the newest.</param>
/// <param name="Best">Folder name of the one with the lowest validation loss; null when none was measured.</param>
public sealed record CheckpointIndex(string Latest, string? Best);
