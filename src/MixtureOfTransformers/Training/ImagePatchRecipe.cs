using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Training;

/// <summary>Images as patches that are denoised, in place of an image tokenizer: of pixels, or of the latents of a VAE. The size and channels of the images are those of the data.</summary>
public sealed record ImagePatchRecipe
{
    /// <summary>Pixels of a patch along each side, or latents where there is a VAE.</summary><value>Default: 4 pixels, 2 latents.</value>
    public int? Size { get; init; }

    /// <summary>The configuration for the images of <paramref name="data"/>, as pixels.</summary>
    public ImagePatcherConfig ToConfig(DataRecipe data) => new()
    {
        ImageWidth = data.Sizes[0].Width,
        ImageHeight = data.Sizes[0].Height,
        OtherSizes = data.Sizes.Length == 1 ? default : data.Sizes[1..],
        Channels = data.Channels,
        PatchSize = SizeFor(null),
    };

    /// <summary>The patches of each size of the images of <paramref name="data"/>.</summary>
    /// <param name="data">Their size and channels.</param>
    /// <param name="vae">Its latents are cut; null for pixels.</param>
    /// <exception cref="Storage.MotException">They do not fit, or the VAE cannot be read.</exception>
    internal IReadOnlyList<PatchGrid> GridsOf(DataRecipe data, ImageVaeRecipe? vae) => vae?.ConfigFor(data) is { } config ? [LatentPatcher.GridOf(config, SizeFor(vae))] : ToConfig(data).Validate().Grids;

    /// <summary>The size, given or not.</summary>
    /// <param name="vae">Null for pixels.</param>
    internal int SizeFor(ImageVaeRecipe? vae) => Size ?? (vae is null ? 4 : 2);
}
