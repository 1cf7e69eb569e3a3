// Legend: B images, C channels in, E channels out, H rows, W columns, K kernel.
using TorchSharp.Utils;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>A convolution with bias that keeps rows and columns.</summary>
internal sealed class Convolution : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;
    [ComponentName(Name = "bias")] private readonly Parameter _bias;
    private readonly int _padding;

    /// <summary>Not yet initialised.</summary>
    public Convolution(int inputs, int outputs, int kernel) : base(nameof(Convolution))
    {
        _weight = new Parameter(empty(outputs, inputs, kernel, kernel));
        _bias = new Parameter(empty(outputs));
        _padding = kernel / 2;
        RegisterComponents();
    }

    /// <summary>[E, C, K, K]; owned by this module.</summary>
    public Parameter Weight => _weight;

    /// <summary>[E]; owned by this module.</summary>
    public Parameter Bias => _bias;

    /// <summary>Draws the weights from N(0, gain²/fan-in); the bias becomes 0.</summary>
    public void Initialize(double gain, Generator generator)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var shape = _weight.shape;
        _weight.copy_(randn(shape, generator: generator).mul_(gain / Math.Sqrt(shape[1] * shape[2] * shape[3])));
        _bias.zero_();
    }

    /// <param name="x_BCHW">[B, C, H, W].</param>
    /// <returns>[B, E, H, W], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_BCHW) => nn.functional.conv2d(x_BCHW, _weight, _bias, padding: [_padding, _padding]);
}
