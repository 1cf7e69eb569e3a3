namespace MixtureOfTransformers.Evaluation;

/// <summary>A held-out recording and what the speech tokenizer makes of its own tokens.</summary>
/// <param name="Words">What is said.</param>
/// <param name="Original">The recording.</param>
/// <param name="Decoded">The recording encoded to tokens and decoded again.</param>
public sealed record SpeechReconstruction(string Words, ReportSound Original, ReportSound Decoded);
