namespace MixtureOfTransformers.Tokenizers;

/// <summary>Where the training of a VAE of images is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Fraction">The share of the budget, steps or seconds, that is spent; 0 to 1.</param>
/// <param name="Loss">Loss of the last batch.</param>
/// <param name="PsnrDb">Peak signal-to-noise ratio of the last batch in dB, decoded from samples of the posterior.</param>
public sealed record ImageVaeProgress(int Step, double Fraction, double Loss, double PsnrDb);
