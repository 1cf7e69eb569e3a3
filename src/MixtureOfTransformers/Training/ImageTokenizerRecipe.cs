using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Training;

/// <summary>The image tokenizer of a recipe. The size and channels of the images are those of the data.</summary>
public sealed record ImageTokenizerRecipe
{
    /// <summary>Pixels per token along each side: 2, 4, 8 or 16.</summary><value>Default: 4.</value>
    public int Factor { get; init; } = 4;

    /// <summary>Channels of the convolutions.</summary><value>Default: 64.</value>
    public int Width { get; init; } = 64;

    /// <summary>Residual blocks in the encoder, and as many in the decoder.</summary><value>Default: 2.</value>
    public int BlockCount { get; init; } = 2;

    /// <summary>Length of a code vector.</summary><value>Default: 16.</value>
    public int CodeDim { get; init; } = 16;

    /// <summary>Image ids in the vocabulary.</summary><value>Default: 256.</value>
    public int CodebookSize { get; init; } = 256;

    /// <summary>How it is trained.</summary>
    public ImageTokenizerOptions Training { get; init; } = new();

    /// <summary>The configuration for the images of <paramref name="data"/>.</summary>
    public ImageTokenizerConfig ToConfig(DataRecipe data) => new()
    {
        ImageWidth = data.ImageSize,
        ImageHeight = data.ImageSize,
        Channels = data.Channels,
        Factor = Factor,
        Width = Width,
        BlockCount = BlockCount,
        CodeDim = CodeDim,
        CodebookSize = CodebookSize,
    };

    /// <summary>This recipe, checked against the images of <paramref name="data"/>.</summary>
    /// <exception cref="Storage.ConfigException">A value is out of its limits; the message names both.</exception>
    public ImageTokenizerRecipe Validate(DataRecipe data)
    {
        ToConfig(data).Validate();
        Training.Validate();
        return this;
    }
}
