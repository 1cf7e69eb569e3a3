using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Training;

/// <summary>The image tokenizer of a recipe. The size and channels of the images are those of the data.</summary>
public sealed record ImageTokenizerRecipe : ImageTokenizerShape
{
    /// <summary>How it is trained.</summary>
    public ImageTokenizerOptions Training { get; init; } = new();

    /// <summary>The configuration for the images of <paramref name="data"/>.</summary>
    public ImageTokenizerConfig ToConfig(DataRecipe data) => new(this) { ImageWidth = data.Sizes[0].Width, ImageHeight = data.Sizes[0].Height, Channels = data.Channels };

    /// <summary>This recipe, checked against the images of <paramref name="data"/>.</summary>
    /// <exception cref="Storage.ConfigException">A value is out of its limits; the message names both.</exception>
    public ImageTokenizerRecipe Validate(DataRecipe data)
    {
        ToConfig(data).Validate();
        Training.Validate();
        return this;
    }
}
