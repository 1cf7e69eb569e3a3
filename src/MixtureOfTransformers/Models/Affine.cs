// Legend: N rows, D input width, E output width.
using TorchSharp.Utils;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MixtureOfTransformers.Models;

/// <summary>A projection with bias, y = x Wᵀ + b, in the dtype of its weights.</summary>
internal sealed class Affine : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;
    [ComponentName(Name = "bias")] private readonly Parameter _bias;

    /// <summary>A projection whose weight is not yet initialised, see <see cref="Initialization"/>; the bias is zero.</summary>
    public Affine(int inputDim, int outputDim, Device device, ScalarType dtype = ScalarType.Float32) : base(nameof(Affine))
    {
        _weight = new Parameter(empty(outputDim, inputDim, dtype: dtype, device: device));
        _bias = new Parameter(zeros(outputDim, dtype: dtype, device: device));
        RegisterComponents();
    }

    /// <param name="x_ND">[…, D].</param>
    /// <returns>[…, E], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_ND) => nn.functional.linear(x_ND.to(_weight.dtype), _weight, _bias);
}
