using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Training;

/// <summary>Images as patches of pixels that are denoised, in place of an image tokenizer. The size and channels of the images are those of the data.</summary>
public sealed record ImagePatchRecipe
{
    /// <summary>Pixels of a patch along each side.</summary><value>Default: 4.</value>
    public int Size { get; init; } = 4;

    /// <summary>The configuration for the images of <paramref name="data"/>.</summary>
    public ImagePatcherConfig ToConfig(DataRecipe data) => new() { ImageWidth = data.ImageSize, ImageHeight = data.ImageSize, Channels = data.Channels, PatchSize = Size };
}
