// Legend: N rows, D normalised width.
using TorchSharp.Utils;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MixtureOfTransformers.Benchmarks.Naive;

/// <summary>RMSNorm composed of libtorch's operations.</summary>
internal sealed class NaiveNorm : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;
    private readonly double _epsilon;

    /// <param name="weight_D">The weight, [D]; copied.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    public NaiveNorm(Tensor weight_D, double epsilon) : base(nameof(NaiveNorm))
    {
        (_weight, _epsilon) = (new Parameter(weight_D.detach().clone()), epsilon);
        RegisterComponents();
    }

    /// <param name="x_ND">[…, D].</param>
    /// <returns>[…, D] in the input's dtype, owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_ND)
    {
        var wide_ND = x_ND.to(ScalarType.Float32);
        return (wide_ND * wide_ND.square().mean([-1], keepdim: true).add(_epsilon).rsqrt() * _weight).to(x_ND.dtype);
    }
}
