namespace MixtureOfTransformers.Cli.Commands;

/// <summary>What <c>mot probe-causality</c> was asked for.</summary>
/// <param name="Architecture">Another architecture of the same shape; null for the one named.</param>
/// <param name="Data">Folder of prepared data; null for those of the run.</param>
/// <param name="Checkpoint">Which checkpoint of a run.</param>
/// <param name="RandomTokens">Whether a run is probed with random tokens too.</param>
/// <param name="Rows">Rows; null for the default.</param>
/// <param name="Length">Tokens per row; null for the default.</param>
/// <param name="Seed">Of weights and tokens.</param>
internal sealed record ProbeOptions(string? Architecture, string? Data, string Checkpoint, bool RandomTokens, int? Rows, int? Length, long Seed);
