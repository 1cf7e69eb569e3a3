namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Where the training of a speech tokenizer is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Fraction">The share of the budget, steps or seconds, that is spent; 0 to 1.</param>
/// <param name="Loss">Loss of the last batch.</param>
/// <param name="LogMelErrorDb">Root mean square error of the last batch's log-mel frames in dB; null in masked prediction, which decodes nothing.</param>
/// <param name="Perplexity">Perplexity of the codes over the last steps, at most the size of the codebook; null in masked prediction.</param>
public sealed record SpeechTokenizerProgress(int Step, double Fraction, double Loss, double? LogMelErrorDb, double? Perplexity);
