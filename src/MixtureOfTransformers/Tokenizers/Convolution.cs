// Legend: B images, C channels in, E channels out, H rows, W columns, J kernel rows, K kernel columns.
using TorchSharp.Utils;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>A convolution with bias that keeps rows and columns.</summary>
internal sealed class Convolution : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;
    [ComponentName(Name = "bias")] private readonly Parameter _bias;
    private readonly long[] _padding;

    /// <summary>Not yet initialised, but for the bias, which is 0.</summary>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">Columns of the kernel, odd.</param>
    /// <param name="kernelRows">Its rows; as many as columns when null, and 1 for sequences.</param>
    /// <param name="device">Where the weights live; the CPU when null.</param>
    /// <param name="dtype">Dtype of the weights.</param>
    public Convolution(int inputs, int outputs, int kernel, int? kernelRows = null, Device? device = null, ScalarType dtype = ScalarType.Float32) : base(nameof(Convolution))
    {
        _weight = new Parameter(empty(outputs, inputs, kernelRows ?? kernel, kernel, dtype: dtype, device: device));
        _bias = new Parameter(zeros(outputs, dtype: dtype, device: device));
        _padding = [(kernelRows ?? kernel) / 2, kernel / 2];
        RegisterComponents();
    }

    /// <summary>[E, C, J, K]; owned by this module.</summary>
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
    public override Tensor forward(Tensor x_BCHW) => nn.functional.conv2d(x_BCHW, _weight, _bias, padding: _padding);
}
