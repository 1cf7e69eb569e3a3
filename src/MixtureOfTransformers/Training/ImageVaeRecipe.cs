using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Training;

/// <summary>The VAE of a recipe whose images are patches of latents. The size and channels of the images are those of the data.</summary>
public sealed record ImageVaeRecipe : ImageVaeShape
{
    /// <summary>How it is trained.</summary>
    public ImageVaeOptions Training { get; init; } = new();

    /// <summary>The configuration for the images of <paramref name="data"/>.</summary>
    public ImageVaeConfig ToConfig(DataRecipe data) => new(this) { ImageWidth = data.ImageSize, ImageHeight = data.ImageSize, Channels = data.Channels };

    /// <summary>This recipe, checked against the images of <paramref name="data"/>.</summary>
    /// <exception cref="Storage.ConfigException">A value is out of its limits; the message names both.</exception>
    public ImageVaeRecipe Validate(DataRecipe data)
    {
        ToConfig(data).Validate();
        Training.Validate();
        return this;
    }
}
