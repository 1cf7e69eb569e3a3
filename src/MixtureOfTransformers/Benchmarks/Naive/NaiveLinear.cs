// Legend: N rows, D input width, E output width.
using TorchSharp.Utils;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MixtureOfTransformers.Benchmarks.Naive;

/// <summary>A projection without bias, composed of libtorch's operations.</summary>
internal sealed class NaiveLinear : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;

    /// <param name="weight_ED">The weight, [E, D]; copied.</param>
    public NaiveLinear(Tensor weight_ED) : base(nameof(NaiveLinear))
    {
        _weight = new Parameter(weight_ED.detach().clone());
        RegisterComponents();
    }

    /// <param name="x_ND">[N, D].</param>
    /// <returns>[N, E], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_ND) => nn.functional.linear(x_ND, _weight.to(x_ND.dtype));
}
