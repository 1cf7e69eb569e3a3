// Legend: I images, X numbers of a patch, P patches, C numbers of a cell (pixel or latent), W channels, D model width, H rows, K columns of cells, h rows, k columns of patches.
using System.Numerics;
using MixtureOfTransformers.Tokenizers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>The two halves of a U-Net on either side of the model (SPEC §5): images of cells are halved until a patch is one place, and doubled again on the way out, beside what the first half saw at the same
/// size. One residual block at each size in each half, two each for patches of 2x2.</summary>
internal sealed class PatchUnet : nn.Module
{
    [ComponentName(Name = "stem")] private readonly Convolution _stem;
    [ComponentName(Name = "down_blocks")] private readonly TorchSharp.Modules.ModuleList<PatchUnetBlock> _downBlocks;
    [ComponentName(Name = "halve")] private readonly TorchSharp.Modules.ModuleList<Convolution> _halve;
    [ComponentName(Name = "join")] private readonly TorchSharp.Modules.ModuleList<Convolution> _join;
    [ComponentName(Name = "up_blocks")] private readonly TorchSharp.Modules.ModuleList<PatchUnetBlock> _upBlocks;
    [ComponentName(Name = "double")] private readonly TorchSharp.Modules.ModuleList<Convolution> _double;
    [ComponentName(Name = "norm")] private readonly ChannelNorm _norm;
    [ComponentName(Name = "output")] private readonly Convolution _output;
    private readonly Diffusion _diffusion;

    /// <summary>Not yet initialised, see <see cref="Initialization"/>.</summary>
    public PatchUnet(Diffusion diffusion, int dim, Device device, ScalarType dtype) : base(nameof(PatchUnet))
    {
        _diffusion = diffusion;
        var (width, levels) = (diffusion.Unet!.Width, LevelsOf(diffusion));
        _stem = new(diffusion.Channels, width, 3, device: device, dtype: dtype);
        _downBlocks = [.. Enumerable.Range(0, levels).Select(_ => new PatchUnetBlock(width, dim, device, dtype))];
        _halve = [.. Enumerable.Range(0, levels - 1).Select(_ => new Convolution(4 * width, width, 1, device: device, dtype: dtype))];
        _join = [.. Enumerable.Range(0, levels).Select(_ => new Convolution(2 * width, width, 1, device: device, dtype: dtype))];
        _upBlocks = [.. Enumerable.Range(0, levels).Select(_ => new PatchUnetBlock(width, dim, device, dtype))];
        _double = [.. Enumerable.Range(0, levels - 1).Select(_ => new Convolution(width, 4 * width, 1, device: device, dtype: dtype))];
        _norm = new(width, device, dtype);
        _output = new(width, diffusion.Channels, 3, device: device, dtype: dtype);
        RegisterComponents();
    }

    /// <summary>Sizes that an image has on its way, that of patches included.</summary>
    public static int LevelsOf(Diffusion diffusion) => BitOperations.Log2((uint)diffusion.PatchSize) + 1;

    /// <summary>Images to a vector for each patch.</summary>
    /// <param name="patches_PX">[P, X], image after image, all of one size.</param>
    /// <param name="time_ID">What is told of each image's noise, [I, D].</param>
    /// <returns>[P, W], and what <see cref="Up"/> needs, from the largest size to the smallest; owned by the caller's scope.</returns>
    public (Tensor Vectors_PW, Tensor[] Skips) Down(Tensor patches_PX, Tensor time_ID)
    {
        using var scope = NewDisposeScope();
        var skips = new Tensor[_downBlocks.Count];
        var x_IWHK = _stem.call(ToCells(patches_PX.to(_stem.Weight.dtype), time_ID.shape[0]));
        for (var level = 0; level < skips.Length; level++)
        {
            x_IWHK = level == 0 ? x_IWHK : _halve[level - 1].call(nn.functional.pixel_unshuffle(x_IWHK, 2));
            x_IWHK = skips[level] = _downBlocks[level].Run(x_IWHK, time_ID);
        }
        var vectors_PW = x_IWHK.permute(0, 2, 3, 1).reshape(patches_PX.shape[0], -1).MoveToOuterDisposeScope();
        return (vectors_PW, [.. skips.Select(skip => skip.MoveToOuterDisposeScope())]);
    }

    /// <summary>A vector for each patch to its numbers.</summary>
    /// <param name="vectors_PW">[P, W].</param>
    /// <param name="time_ID">As for <see cref="Down"/>.</param>
    /// <param name="skips">From <see cref="Down"/>.</param>
    /// <returns>[P, X], owned by the caller's scope.</returns>
    public Tensor Up(Tensor vectors_PW, Tensor time_ID, Tensor[] skips)
    {
        using var scope = NewDisposeScope();
        var smallest = skips[^1].shape;
        var x_IWHK = vectors_PW.view(smallest[0], smallest[2], smallest[3], smallest[1]).permute(0, 3, 1, 2).contiguous();
        for (var level = skips.Length - 1; level >= 0; level--)
        {
            x_IWHK = _upBlocks[level].Run(_join[level].call(cat([x_IWHK, skips[level]], 1)), time_ID);
            x_IWHK = level == 0 ? x_IWHK : nn.functional.pixel_shuffle(_double[level - 1].call(x_IWHK), 2);
        }
        return ToPatches(_output.call(nn.functional.silu(_norm.call(x_IWHK)))).MoveToOuterDisposeScope();
    }

    /// <summary>[P, X] to [I, C, H, K].</summary>
    internal Tensor ToCells(Tensor patches_PX, long images)
    {
        var (size, columns) = (_diffusion.PatchSize, _diffusion.Columns);
        return patches_PX.reshape(images, -1, columns, size, size, _diffusion.Channels).permute(0, 5, 1, 3, 2, 4).reshape(images, _diffusion.Channels, -1, columns * size);
    }

    /// <summary>[I, C, H, K] to [P, X].</summary>
    internal Tensor ToPatches(Tensor cells_ICHK)
    {
        var (size, columns) = (_diffusion.PatchSize, _diffusion.Columns);
        return cells_ICHK.reshape(cells_ICHK.shape[0], _diffusion.Channels, -1, size, columns, size).permute(0, 2, 4, 3, 5, 1).reshape(-1, _diffusion.PatchDim);
    }
}
