namespace MixtureOfTransformers.Tokenizers;

/// <summary>How an image tokenizer is trained.</summary>
/// <remarks>Defaults: 1200 steps of 8 images.</remarks>
public sealed record ImageTokenizerOptions : CodebookTrainingOptions
{
    /// <summary>The defaults.</summary>
    public ImageTokenizerOptions() => (Steps, BatchSize) = (1200, 8);

    /// <inheritdoc/>
    internal override string Subject => "image tokenizer";

    /// <summary>These options, checked.</summary>
    /// <exception cref="Storage.ConfigException">A value is out of its limits; the message names both.</exception>
    public ImageTokenizerOptions Validate()
    {
        ThrowIfInvalid();
        return this;
    }
}
