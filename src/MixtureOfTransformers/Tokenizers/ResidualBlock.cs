using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>x + 1x1(relu(3x3(relu(x)))), the block of the first VQ-VAE; no norms, which cost more than they give at this size.</summary>
internal sealed class ResidualBlock : nn.Module<Tensor, Tensor>
{
    private const double ReluGain = 1.4142135623730951;
    private const double BranchGain = 0.3;

    [ComponentName(Name = "spread")] private readonly Convolution _spread;
    [ComponentName(Name = "mix")] private readonly Convolution _mix;

    /// <param name="width">Channels.</param>
    /// <param name="kernelRows">3 for images, 1 for sequences.</param>
    public ResidualBlock(int width, int kernelRows) : base(nameof(ResidualBlock))
    {
        _spread = new(width, width, 3, kernelRows);
        _mix = new(width, width, 1);
        RegisterComponents();
    }

    public void Initialize(Generator generator)
    {
        _spread.Initialize(ReluGain, generator);
        _mix.Initialize(BranchGain, generator);
    }

    /// <param name="x_BCHW">[B, C, H, W].</param>
    /// <returns>[B, C, H, W], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_BCHW)
    {
        using var scope = NewDisposeScope();
        return (x_BCHW + _mix.call(_spread.call(x_BCHW.relu()).relu())).MoveToOuterDisposeScope();
    }
}
