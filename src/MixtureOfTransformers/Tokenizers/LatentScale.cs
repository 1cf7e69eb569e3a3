namespace MixtureOfTransformers.Tokenizers;

/// <summary>What takes the latents of training images to mean 0 and variance 1: latent ← scale · (mean of the posterior − shift). Measured after training.</summary>
/// <param name="Shift">Their mean.</param>
/// <param name="Scale">1 over their standard deviation.</param>
/// <param name="Limit">Largest absolute number after that; what is denoised need not go beyond.</param>
public sealed record LatentScale(double Shift, double Scale, double Limit);
