// Legend: P patches, I images, X numbers of a patch, D model width, F frequencies.
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Patches into the residual stream and back (SPEC §5): a projection each way, and the noise level of the image added to each of its patches on the way in. Shared by all towers.</summary>
internal sealed class PatchProjections : nn.Module
{
    internal const int Frequencies = 256;
    private const double LongestPeriod = 10_000;

    [ComponentName(Name = "input")] private readonly Affine _input;
    [ComponentName(Name = "time_in")] private readonly Affine _timeIn;
    [ComponentName(Name = "time_out")] private readonly Affine _timeOut;
    [ComponentName(Name = "output")] private readonly Affine _output;

    /// <summary>Projections that are not yet initialised, see <see cref="Initialization"/>.</summary>
    public PatchProjections(int patchDim, int dim, Device device, ScalarType dtype) : base(nameof(PatchProjections))
    {
        _input = new(patchDim, dim, device, dtype);
        _timeIn = new(Frequencies, dim, device, dtype);
        _timeOut = new(dim, dim, device, dtype);
        _output = new(dim, patchDim, device, dtype);
        RegisterComponents();
    }

    /// <summary>[P, D], owned by the caller's scope.</summary>
    public Tensor Embed(PatchInput images)
    {
        using var scope = NewDisposeScope();
        var time_ID = _timeOut.call(nn.functional.silu(_timeIn.call(Waves(images.Times))));
        return (_input.call(images.Patches) + time_ID.index_select(0, images.ImageOfPatch)).MoveToOuterDisposeScope();
    }

    /// <summary>From normalised states, [P, D], to what is predicted, [P, X], owned by the caller's scope.</summary>
    public Tensor Predict(Tensor x_PD) => _output.call(x_PD);

    /// <summary>Cosines, then sines, of periods from 2π to 2π · 10 000 (DiT), [I, F].</summary>
    private static Tensor Waves(Tensor times_I)
    {
        var rates_F = exp(arange(Frequencies / 2, dtype: ScalarType.Float32, device: times_I.device) * (-Math.Log(LongestPeriod) / (Frequencies / 2)));
        var angles_IF = times_I.to(ScalarType.Float32).unsqueeze(1) * rates_F;
        return cat([angles_IF.cos(), angles_IF.sin()], 1);
    }
}
