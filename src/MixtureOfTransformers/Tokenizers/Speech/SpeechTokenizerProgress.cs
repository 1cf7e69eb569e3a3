namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Where the training of a speech tokenizer is.</summary>
/// <param name="Stage">What is trained.</param>
/// <param name="Step">Steps done, those of earlier stages among them.</param>
/// <param name="Fraction">The share of the budget, steps or seconds, that is spent; 0 to 1.</param>
/// <param name="Loss">Loss of the last batch.</param>
/// <param name="ErrorDb">Of the last batch in dB: the root mean square error of log-mel frames, or with <see cref="SpeechTokenizerStage.Vocoder"/> the mean error of logarithmic spectra; null in masked
/// prediction, which decodes nothing.</param>
/// <param name="Perplexity">Perplexity of the codes over the last steps, at most the size of the codebook; null in the other stages.</param>
public sealed record SpeechTokenizerProgress(SpeechTokenizerStage Stage, int Step, double Fraction, double Loss, double? ErrorDb, double? Perplexity);
