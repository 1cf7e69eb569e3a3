namespace MixtureOfTransformers.Models;

/// <summary>What a <see cref="PatchUnet"/> holds and costs, from the configuration alone; 0 without one.</summary>
internal static class PatchUnetCost
{
    /// <summary>All parameters.</summary>
    public static long Parameters(Diffusion diffusion, long dim)
    {
        if (diffusion.Unet is not { Width: var width })
            return 0;
        var blocks = 2L * PatchUnet.LevelsOf(diffusion);
        return Convolutions(diffusion).Sum(c => (c.Inputs * c.Outputs * c.Kernel) + c.Outputs) + (blocks * (4 * width)) + (blocks * width * (dim + 1)) + (2 * width);
    }

    /// <summary>Matmul FLOPs of a forward pass for each patch; the noise level, once per image, is left out.</summary>
    public static double FlopsPerPatch(Diffusion diffusion) => Convolutions(diffusion).Sum(c => 2.0 * c.Places * c.Inputs * c.Outputs * c.Kernel);

    /// <summary>Numbers kept for the backward pass for each patch: what convolutions read, and before those of 3x3 but the first what the norm and the activation read.</summary>
    public static long NumbersKeptPerPatch(Diffusion diffusion) => Convolutions(diffusion).Sum(c => c.Places * (c.Inputs + (c.IsNormed ? 2 * c.Inputs : 0)));

    /// <summary>Every convolution: places of a patch that it is worked out at, and its shape.</summary>
    private static IEnumerable<(long Places, long Inputs, long Outputs, long Kernel, bool IsNormed)> Convolutions(Diffusion diffusion)
    {
        if (diffusion.Unet is not { Width: var width })
            yield break;
        var cells = (long)diffusion.PatchSize * diffusion.PatchSize;
        yield return (cells, diffusion.Channels, width, 9, false);
        for (var level = 0; level < PatchUnet.LevelsOf(diffusion); level++)
        {
            var places = cells >> (2 * level);
            for (var i = 0; i < 4; i++) // two blocks of two
                yield return (places, width, width, 9, true);
            yield return (places, 2L * width, width, 1, false);
            if (level == 0)
                continue;
            yield return (places, 4L * width, width, 1, false);
            yield return (places, width, 4L * width, 1, false);
        }
        yield return (cells, width, diffusion.Channels, 9, true);
    }
}
