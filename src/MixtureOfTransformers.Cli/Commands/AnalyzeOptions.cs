namespace MixtureOfTransformers.Cli.Commands;

/// <summary>What <c>mot analyze</c> was asked for.</summary>
/// <param name="Data">Folder of prepared data; null for those of each run.</param>
/// <param name="Checkpoint">Which checkpoint.</param>
/// <param name="Batches">Held-out batches, at most.</param>
/// <param name="Tokens">Tokens of each modality, at most.</param>
internal sealed record AnalyzeOptions(string? Data, string Checkpoint, int Batches, int Tokens);
