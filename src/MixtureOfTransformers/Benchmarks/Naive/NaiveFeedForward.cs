// Legend: N rows, D model width, F inner width.
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks.Naive;

/// <summary>SwiGLU with W1 and W3 apart, composed of libtorch's operations.</summary>
internal sealed class NaiveFeedForward : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "w1")] private readonly NaiveLinear _w1;
    [ComponentName(Name = "w2")] private readonly NaiveLinear _w2;
    [ComponentName(Name = "w3")] private readonly NaiveLinear _w3;

    /// <param name="w13">W1 above W3, [2F, D]; copied.</param>
    /// <param name="w2">W2, [D, F]; copied.</param>
    public NaiveFeedForward(Tensor w13, Tensor w2) : base(nameof(NaiveFeedForward))
    {
        var halves = w13.chunk(2, 0);
        (_w1, _w2, _w3) = (new(halves[0]), new(w2), new(halves[1]));
        RegisterComponents();
    }

    /// <param name="x_ND">[N, D].</param>
    /// <returns>[N, D], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_ND) => _w2.call(nn.functional.silu(_w1.call(x_ND)) * _w3.call(x_ND));
}
