// Legend: N rows, K head width.
using TorchSharp.Utils;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MixtureOfTransformers.Models;

/// <summary>LayerNorm with weight and bias over the head width: Chameleon's QK-norm.</summary>
public sealed class HeadLayerNorm : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;
    [ComponentName(Name = "bias")] private readonly Parameter _bias;
    private readonly double _epsilon;

    /// <summary>A norm over <paramref name="dim"/> values with weight 1 and bias 0.</summary>
    public HeadLayerNorm(int dim, double epsilon, Device device, ScalarType dtype = ScalarType.Float32) : base(nameof(HeadLayerNorm))
    {
        _weight = new Parameter(ones(dim, dtype: dtype, device: device));
        _bias = new Parameter(zeros(dim, dtype: dtype, device: device));
        _epsilon = epsilon;
        RegisterComponents();
    }

    /// <param name="x_NK">[…, K].</param>
    /// <returns>[…, K], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_NK)
    {
        using var scope = NewDisposeScope();
        var wide_NK = x_NK.to(_weight.dtype);
        return nn.functional.layer_norm(wide_NK, [_weight.shape[0]], _weight, _bias, _epsilon).to(x_NK.dtype).MoveToOuterDisposeScope();
    }
}
