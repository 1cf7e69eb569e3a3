namespace MixtureOfTransformers.Tokenizers;

/// <summary>What a recipe says of an image tokenizer, and its <see cref="ImageTokenizerConfig"/> too: all but the size of the images.</summary>
public abstract record ImageTokenizerShape
{
    /// <summary>Pixels per token along each side: 2, 4, 8 or 16.</summary><value>Default: 4.</value>
    public int Factor { get; init; } = 4;

    /// <summary>Channels of the convolutions.</summary><value>Default: 64.</value>
    public int Width { get; init; } = 64;

    /// <summary>Residual blocks in the encoder, and as many in the decoder.</summary><value>Default: 2.</value>
    public int BlockCount { get; init; } = 2;

    /// <summary>Length of a code vector.</summary><value>Default: 16.</value>
    public int CodeDim { get; init; } = 16;

    /// <summary>Code vectors, which is the number of image ids in the vocabulary.</summary><value>Default: 256.</value>
    public int CodebookSize { get; init; } = 256;
}
