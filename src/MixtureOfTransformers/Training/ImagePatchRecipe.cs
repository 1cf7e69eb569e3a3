using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Training;

/// <summary>Images as patches that are denoised, in place of an image tokenizer: of pixels, or of the latents of a VAE. The size and channels of the images are those of the data.</summary>
public sealed record ImagePatchRecipe
{
    /// <summary>Pixels of a patch along each side, or latents where there is a VAE.</summary><value>Default: 4 pixels, 2 latents.</value>
    public int? Size { get; init; }

    /// <summary>The configuration for the images of <paramref name="data"/>, as pixels.</summary>
    public ImagePatcherConfig ToConfig(DataRecipe data) => new() { ImageWidth = data.ImageSize, ImageHeight = data.ImageSize, Channels = data.Channels, PatchSize = Size ?? 4 };

    /// <summary>The patches of the images of <paramref name="data"/>.</summary>
    /// <param name="data">Their size and channels.</param>
    /// <param name="vae">Its latents are cut; null for pixels.</param>
    /// <exception cref="Storage.ConfigException">They do not fit.</exception>
    internal PatchGrid GridOf(DataRecipe data, ImageVaeRecipe? vae) => vae?.ToConfig(data) is { } config ? LatentPatcher.GridOf(config, LatentSize) : ToConfig(data).Validate().Grid;

    /// <summary>Latents of a patch along each side.</summary>
    internal int LatentSize => Size ?? 2;
}
