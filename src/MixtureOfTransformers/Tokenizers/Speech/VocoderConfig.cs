namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Shape of the network that makes sound of a speech tokenizer's frames.</summary>
public sealed record VocoderConfig
{
    /// <summary>Channels of the convolutions.</summary><value>Default: 128.</value>
    public int Width { get; init; } = 128;

    /// <summary>Residual blocks, of which each sees one frame more on either side.</summary><value>Default: 4.</value>
    public int BlockCount { get; init; } = 4;
}
