namespace MixtureOfTransformers.Tokenizers;

/// <summary><c>patches.json</c> beside a VAE whose latents a model denoises.</summary>
/// <param name="PatchSize">Latents of a patch along each side.</param>
internal sealed record LatentPatches(int PatchSize);
