using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>How a text tokenizer is trained.</summary>
public sealed record TextTokenizerOptions
{
    /// <summary>Ids in the vocabulary, with special tokens and the 256 bytes; fewer come out when the text has no more repeating pairs.</summary>
    /// <value>Default: 4096.</value>
    public int VocabularySize { get; init; } = 4096;

    /// <summary>UTF-8 bytes of text to learn from; what follows is ignored.</summary>
    /// <value>Default: 32 MiB.</value>
    public long MaxTrainingBytes { get; init; } = 32 << 20;

    /// <summary>These options, checked.</summary>
    /// <exception cref="ConfigException">A value is out of range.</exception>
    public TextTokenizerOptions Validate()
    {
        if (VocabularySize is < 300 or > 1_000_000)
            throw new ConfigException($"vocabulary_size {VocabularySize} is outside 300 to 1000000; special tokens and the 256 bytes need room");
        if (MaxTrainingBytes < 1)
            throw new ConfigException($"max_training_bytes {MaxTrainingBytes} must be at least 1");
        return this;
    }
}
