namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>What the training of a speech tokenizer is at; each stage but <see cref="Codes"/> is left out unless asked for.</summary>
public enum SpeechTokenizerStage
{
    /// <summary>The encoder foretells codes that are masked.</summary>
    MaskedPrediction,

    /// <summary>Codebook and decoder, and without masked prediction the encoder too, learn to keep frames.</summary>
    Codes,

    /// <summary>The vocoder learns to make sound of what the codes keep.</summary>
    Vocoder,
}
