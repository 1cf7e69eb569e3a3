// Legend: I images, W channels, H rows, K columns.
using TorchSharp.Utils;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MixtureOfTransformers.Models;

/// <summary>Layer norm over the channels of each place of an image.</summary>
internal sealed class ChannelNorm : nn.Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-5;

    [ComponentName(Name = "weight")] private readonly Parameter _weight;
    [ComponentName(Name = "bias")] private readonly Parameter _bias;

    public ChannelNorm(int width, Device device, ScalarType dtype) : base(nameof(ChannelNorm))
    {
        (_weight, _bias) = (new Parameter(ones(width, dtype: dtype, device: device)), new Parameter(zeros(width, dtype: dtype, device: device)));
        RegisterComponents();
    }

    /// <param name="x_IWHK">[I, W, H, K].</param>
    /// <returns>[I, W, H, K], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_IWHK)
    {
        using var scope = NewDisposeScope();
        return nn.functional.layer_norm(x_IWHK.permute(0, 2, 3, 1), [_weight.shape[0]], _weight, _bias, Epsilon).permute(0, 3, 1, 2).contiguous().MoveToOuterDisposeScope();
    }
}
