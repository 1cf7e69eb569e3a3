// Legend: B images, C channels in, E channels out, H rows and W columns of tokens.
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Half of the autoencoder, on the grid of tokens: a linear path for each token alone, plus convolutions and residual blocks that see its neighbours.</summary>
/// <remarks>The linear path starts as a principal component analysis, so that training begins with a fair reconstruction and the convolutions learn what it misses.</remarks>
internal sealed class PatchNetwork : nn.Module<Tensor, Tensor>
{
    private const double OutputGain = 0.1;

    [ComponentName(Name = "linear")] private readonly Convolution _linear;
    [ComponentName(Name = "input")] private readonly Convolution _input;
    [ComponentName(Name = "blocks")] private readonly ModuleList<ResidualBlock> _blocks;
    [ComponentName(Name = "output")] private readonly Convolution _output;

    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="width">Channels between.</param>
    /// <param name="blockCount">Residual blocks.</param>
    /// <param name="kernelRows">3 for images, 1 for sequences.</param>
    public PatchNetwork(int inputs, int outputs, int width, int blockCount, int kernelRows = 3) : base(nameof(PatchNetwork))
    {
        _linear = new(inputs, outputs, 1);
        _input = new(inputs, width, 3, kernelRows);
        _blocks = new([.. Enumerable.Range(0, blockCount).Select(_ => new ResidualBlock(width, kernelRows))]);
        _output = new(width, outputs, 1);
        RegisterComponents();
    }

    /// <summary>Draws the weights; the linear paths of both halves become the principal components of some patches.</summary>
    /// <param name="encoder">From P to D channels.</param>
    /// <param name="decoder">From D to P channels.</param>
    /// <param name="patches_NP">Patches, [N, P].</param>
    /// <param name="codeDim">D.</param>
    /// <param name="generator">Draws the other weights.</param>
    public static void InitializePair(PatchNetwork encoder, PatchNetwork decoder, Tensor patches_NP, int codeDim, Generator generator)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (basis_DP, mean_P, _) = PrincipalComponents(patches_NP, codeDim);
        encoder.Initialize(basis_DP, basis_DP.mv(mean_P).neg(), generator);
        decoder.Initialize(basis_DP.t().contiguous(), mean_P, generator);
    }

    /// <summary>The directions in which patches differ most.</summary>
    /// <param name="patches_NP">Patches, [N, P].</param>
    /// <param name="count">D; directions beyond P are zero.</param>
    /// <returns>The directions, of unit length, [D, P]; the mean patch, [P]; the variance along each direction, [D]. All owned by the caller's scope.</returns>
    public static (Tensor Basis_DP, Tensor Mean_P, Tensor Variance_D) PrincipalComponents(Tensor patches_NP, int count)
    {
        using var scope = NewDisposeScope();
        var (patchCount, patchDim) = (patches_NP.shape[0], patches_NP.shape[1]);
        var mean_P = patches_NP.mean([0]);
        var centred_NP = patches_NP - mean_P;
        var (values_P, vectors_PP) = linalg.eigh(centred_NP.t().mm(centred_NP) / patchCount); // ascending eigenvalues
        var kept = Math.Min(count, patchDim);
        var (basis_DP, variance_D) = (zeros(count, patchDim), zeros(count));
        basis_DP.narrow(0, 0, kept).copy_(vectors_PP.narrow(1, patchDim - kept, kept).t());
        variance_D.narrow(0, 0, kept).copy_(values_P.narrow(0, patchDim - kept, kept));
        return (basis_DP.MoveToOuterDisposeScope(), mean_P.MoveToOuterDisposeScope(), variance_D.MoveToOuterDisposeScope());
    }

    /// <param name="matrix_EC">The linear path, [E, C].</param>
    /// <param name="bias_E">Its bias, [E].</param>
    /// <param name="generator">Draws the other weights.</param>
    public void Initialize(Tensor matrix_EC, Tensor bias_E, Generator generator)
    {
        using var noGrad = no_grad();
        using var weight = matrix_EC.view(_linear.Weight.shape);
        _linear.Weight.copy_(weight);
        _linear.Bias.copy_(bias_E);
        _input.Initialize(1, generator);
        foreach (var block in _blocks)
            block.Initialize(generator);
        _output.Initialize(OutputGain, generator);
    }

    /// <param name="x_BCHW">[B, C, H, W].</param>
    /// <returns>[B, E, H, W], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_BCHW)
    {
        using var scope = NewDisposeScope();
        var h = _input.call(x_BCHW);
        foreach (var block in _blocks)
            h = block.call(h);
        return (_linear.call(x_BCHW) + _output.call(h.relu())).MoveToOuterDisposeScope();
    }
}
