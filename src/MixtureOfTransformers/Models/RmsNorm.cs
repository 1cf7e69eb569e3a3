// Legend: N rows, D normalised width.
using TorchSharp.Utils;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MixtureOfTransformers.Models;

/// <summary>RMSNorm: x / sqrt(mean(x²) + ε) · w over the last dimension; statistics in fp32 or wider, result in the input's dtype.</summary>
public sealed class RmsNorm : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;

    /// <summary>A norm over <paramref name="dim"/> values with weight 1.</summary>
    public RmsNorm(int dim, double epsilon, Device device, ScalarType dtype = ScalarType.Float32) : base(nameof(RmsNorm))
    {
        _weight = new Parameter(ones(dim, dtype: dtype, device: device));
        Epsilon = epsilon;
        RegisterComponents();
    }

    /// <summary>The weight, [D]; owned by this module.</summary>
    public Parameter Weight => _weight;

    /// <summary>ε.</summary>
    public double Epsilon { get; }

    /// <param name="x_ND">[…, D].</param>
    /// <returns>[…, D], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_ND)
    {
        using var scope = NewDisposeScope();
        var wide_ND = x_ND.dtype == ScalarType.BFloat16 ? x_ND.to(ScalarType.Float32) : x_ND;
        var scale_N1 = wide_ND.square().mean([-1], keepdim: true).add(Epsilon).rsqrt();
        return (wide_ND * scale_N1 * _weight).to(x_ND.dtype).MoveToOuterDisposeScope();
    }
}
