// Legend: I images, W channels, D model width, H rows, K columns.
using MixtureOfTransformers.Tokenizers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>x + 3x3(silu(norm(3x3(silu(norm(x))) + time))): the block of a diffusion U-Net, with plain layer norms as Transfusion has it.</summary>
internal sealed class PatchUnetBlock : nn.Module
{
    [ComponentName(Name = "first_norm")] private readonly ChannelNorm _firstNorm;
    [ComponentName(Name = "first")] private readonly Convolution _first;
    [ComponentName(Name = "time")] private readonly Affine _time;
    [ComponentName(Name = "second_norm")] private readonly ChannelNorm _secondNorm;
    [ComponentName(Name = "second")] private readonly Convolution _second;

    public PatchUnetBlock(int width, int dim, Device device, ScalarType dtype) : base(nameof(PatchUnetBlock))
    {
        _firstNorm = new(width, device, dtype);
        _first = new(width, width, 3, device: device, dtype: dtype);
        _time = new(dim, width, device, dtype);
        _secondNorm = new(width, device, dtype);
        _second = new(width, width, 3, device: device, dtype: dtype);
        RegisterComponents();
    }

    /// <param name="x_IWHK">[I, W, H, K].</param>
    /// <param name="time_ID">What is told of each image's noise, [I, D].</param>
    /// <returns>[I, W, H, K], owned by the caller's scope.</returns>
    public Tensor Run(Tensor x_IWHK, Tensor time_ID)
    {
        using var scope = NewDisposeScope();
        var h_IWHK = _first.call(nn.functional.silu(_firstNorm.call(x_IWHK))) + _time.call(nn.functional.silu(time_ID)).unsqueeze(2).unsqueeze(3);
        return (x_IWHK + _second.call(nn.functional.silu(_secondNorm.call(h_IWHK)))).MoveToOuterDisposeScope();
    }
}
