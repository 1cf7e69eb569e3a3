using System.Numerics;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>Down and up blocks of a U-Net around the projections of patches, in place of linear layers alone (SPEC §5).</summary>
public sealed record PatchUnetOptions
{
    /// <summary>Channels of its convolutions.</summary><value>64.</value>
    public int Width { get; init; } = 64;

    internal void Validate(Diffusion diffusion)
    {
        if (Width is < 1 or > 16384)
            throw new ConfigException($"diffusion: unet width {Width} must be from 1 to 16384");
        if (diffusion.Channels < 1 || diffusion.Columns < 1)
            throw new ConfigException("diffusion: unet needs to know how patches are cut, which these tokenizers are too old to say; prepare the data again, into an empty folder");
        if (!BitOperations.IsPow2(diffusion.PatchSize))
            throw new ConfigException($"diffusion: unet halves patches until one place is left, so that their size {diffusion.PatchSize} must be 1, 2, 4 or another power of 2");
    }
}
