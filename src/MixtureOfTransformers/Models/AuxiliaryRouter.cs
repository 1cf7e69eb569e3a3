// Legend: N rows, D model width, E experts.
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Foretells for one token at a time which experts would choose it, sigmoid(silu(x W1) W2), so that inference is causal (MoMa §2.4).</summary>
public sealed class AuxiliaryRouter : nn.Module<Tensor, Tensor>
{
    private const double Threshold = 0.5;
    [ComponentName(Name = "w1")] private readonly Linear _w1;
    [ComponentName(Name = "w2")] private readonly Linear _w2;

    /// <summary>A router with weights drawn from <paramref name="generator"/>; W1 is D to D / 2.</summary>
    public AuxiliaryRouter(int dim, int experts, Device device, Generator? generator) : base(nameof(AuxiliaryRouter))
    {
        _w1 = new Linear(dim, dim / 2, device);
        _w2 = new Linear(dim / 2, experts, device);
        RegisterComponents();
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var parameter in parameters())
        {
            parameter.DetachFromDisposeScope();
            if (generator is not null)
                parameter.copy_(randn(parameter.shape, generator: generator) / Math.Sqrt(parameter.shape[1]));
        }
    }

    /// <param name="x_ND">What the feed-forward layer takes, [N, D].</param>
    /// <returns>Logits, [N, E], fp32, owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_ND)
    {
        using var scope = NewDisposeScope();
        return _w2.call(nn.functional.silu(_w1.call(x_ND.to(_w1.Weight.dtype)))).MoveToOuterDisposeScope();
    }

    /// <summary>Whether each expert would choose each token, [N, E], boolean, owned by the caller's scope.</summary>
    internal Tensor Foretell(Tensor x_ND)
    {
        using var scope = NewDisposeScope();
        return (call(x_ND).sigmoid() > Threshold).MoveToOuterDisposeScope();
    }
}
