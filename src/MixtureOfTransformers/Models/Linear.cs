// Legend: N rows, D input width, E output width.
using TorchSharp.Utils;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MixtureOfTransformers.Models;

/// <summary>A projection without bias, y = x Wᵀ. The weight stays in its own dtype (fp32 master) and is cast to the input's.</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;

    /// <summary>A projection from <paramref name="inputDim"/> to <paramref name="outputDim"/>, not yet initialised; see <see cref="Initialization"/>.</summary>
    public Linear(int inputDim, int outputDim, Device device, ScalarType dtype = ScalarType.Float32) : base(nameof(Linear))
    {
        _weight = new Parameter(empty(outputDim, inputDim, dtype: dtype, device: device));
        RegisterComponents();
    }

    /// <summary>The weight, [E, D]; owned by this module.</summary>
    public Parameter Weight => _weight;

    /// <param name="x_ND">[…, D].</param>
    /// <returns>[…, E], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_ND) => nn.functional.linear(x_ND, _weight.dtype == x_ND.dtype ? _weight : _weight.to(x_ND.dtype));
}
