// Legend: P patches, I images, X numbers of a patch, D model width, F frequencies, W channels of the U-Net.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Patches into the residual stream and back (SPEC §5): a projection each way, behind and before the blocks of a U-Net where there is one, and the noise level of the image added to each of its patches
/// on the way in. Shared by all towers.</summary>
internal sealed class PatchProjections : nn.Module
{
    internal const int Frequencies = 256;
    private const double LongestPeriod = 10_000;

    [ComponentName(Name = "input")] private readonly Affine _input;
    [ComponentName(Name = "time_in")] private readonly Affine _timeIn;
    [ComponentName(Name = "time_out")] private readonly Affine _timeOut;
    [ComponentName(Name = "output")] private readonly Affine _output;
    [ComponentName(Name = "unet")] private readonly PatchUnet? _unet;
    private readonly Diffusion _diffusion;
    private readonly int _dim;

    /// <summary>Projections that are not yet initialised, see <see cref="Initialization"/>.</summary>
    public PatchProjections(Diffusion diffusion, int dim, Device device, ScalarType dtype) : base(nameof(PatchProjections))
    {
        (_diffusion, _dim) = (diffusion, dim);
        _input = new(diffusion.ProjectedDim, dim, device, dtype);
        _timeIn = new(Frequencies, dim, device, dtype);
        _timeOut = new(dim, dim, device, dtype);
        _output = new(dim, diffusion.ProjectedDim, device, dtype);
        _unet = diffusion.Unet is null ? null : new(diffusion, dim, device, dtype);
        RegisterComponents();
    }

    /// <summary>Owned by the caller's scope.</summary>
    public EmbeddedPatches Embed(PatchInput images)
    {
        using var scope = NewDisposeScope();
        var time_ID = _timeOut.call(nn.functional.silu(_timeIn.call(Waves(images.Times, Frequencies))));
        if (_unet is not null && images.Spans.Any(s => s.Length != images.Spans[0].Length || s.Columns != images.Spans[0].Columns))
            throw new ArgumentException("a unet takes images of one size", nameof(images));
        var (features, skips) = _unet is null ? (images.Patches, []) : _unet.Down(images.Patches, time_ID);
        var vectors_PD = _input.call(features) + time_ID.index_select(0, images.ImageOfPatch);
        if (_diffusion.GridPositions)
            vectors_PD = vectors_PD + Positions(images);
        return new(vectors_PD.MoveToOuterDisposeScope(), time_ID.MoveToOuterDisposeScope(), [.. skips.Select(skip => skip.MoveToOuterDisposeScope())], ImageSpan.TokensOf(images.Spans));
    }

    /// <summary>From normalised states to what is predicted.</summary>
    /// <param name="x_PD">[P, D].</param>
    /// <param name="images">What <see cref="Embed"/> made of the same patches.</param>
    /// <returns>[P, X], owned by the caller's scope.</returns>
    public Tensor Predict(Tensor x_PD, EmbeddedPatches images)
    {
        using var scope = NewDisposeScope();
        var projected = _output.call(x_PD);
        return (_unet is null ? projected : _unet.Up(projected, images.Times, images.Skips)).MoveToOuterDisposeScope();
    }

    /// <summary>Half of the width tells the row of a patch and half its column, as in BAGEL, [P, D].</summary>
    private Tensor Positions(PatchInput images)
    {
        Tensor Places(Func<int, int, int> place) =>
            Waves(Upload.To(tensor(images.Spans.SelectMany(s => Enumerable.Range(0, s.Length).Select(patch => (float)place(patch, s.Columns))).ToArray()), images.Patches.device), _dim / 2);
        return cat([Places((patch, columns) => patch / columns), Places((patch, columns) => patch % columns)], 1);
    }

    /// <summary>Cosines, then sines, of periods from 2π to 2π · 10 000 (DiT), [I, F].</summary>
    private static Tensor Waves(Tensor values_I, int frequencies)
    {
        var rates_F = exp(arange(frequencies / 2, dtype: ScalarType.Float32, device: values_I.device) * (-Math.Log(LongestPeriod) / (frequencies / 2)));
        var angles_IF = values_I.to(ScalarType.Float32).unsqueeze(1) * rates_F;
        return cat([angles_IF.cos(), angles_IF.sin()], 1);
    }
}
