namespace MixtureOfTransformers.Tokenizers;

/// <summary>What a recipe says of a VAE of images, and its <see cref="ImageVaeConfig"/> too: all but the size of the images.</summary>
public abstract record ImageVaeShape
{
    /// <summary>Pixels per latent along each side: 2, 4, 8 or 16.</summary><value>Default: 4.</value>
    public int Factor { get; init; } = 4;

    /// <summary>Numbers of a latent, Z.</summary><value>Default: 8, as in Transfusion.</value>
    public int LatentDim { get; init; } = 8;

    /// <summary>Channels of the convolutions.</summary><value>Default: 64.</value>
    public int Width { get; init; } = 64;

    /// <summary>Residual blocks in the encoder, and as many in the decoder.</summary><value>Default: 2.</value>
    public int BlockCount { get; init; } = 2;
}
