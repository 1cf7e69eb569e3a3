namespace MixtureOfTransformers.Tokenizers;

/// <summary>Where the training of an image tokenizer is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Fraction">The share of the budget, steps or seconds, that is spent; 0 to 1.</param>
/// <param name="Loss">Loss of the last batch.</param>
/// <param name="PsnrDb">Peak signal-to-noise ratio of the last batch in dB.</param>
/// <param name="Perplexity">Perplexity of the codes over the last steps, at most the size of the codebook.</param>
public sealed record ImageTokenizerProgress(int Step, double Fraction, double Loss, double PsnrDb, double Perplexity);
