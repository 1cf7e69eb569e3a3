// Legend: N rows, D model width, F inner width.
using MixtureOfTransformers.Kernels;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>SwiGLU without bias: W2( silu(W1 x) · W3 x ). W1 and W3 are stored as one matrix, so that one multiplication serves both.</summary>
public sealed class FeedForward : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "w13")] private readonly Linear _w13;
    [ComponentName(Name = "w2")] private readonly Linear _w2;

    /// <summary>A feed-forward layer of <paramref name="dim"/> → <paramref name="innerDim"/> → <paramref name="dim"/>.</summary>
    public FeedForward(int dim, int innerDim, Device device, ScalarType dtype = ScalarType.Float32) : base(nameof(FeedForward))
    {
        _w13 = new Linear(dim, 2 * innerDim, device, dtype);
        _w2 = new Linear(innerDim, dim, device, dtype);
        RegisterComponents();
    }

    /// <summary>W1 (first F rows) and W3 (last F rows), [2F, D].</summary>
    public Linear W13 => _w13;

    /// <summary>W2, [D, F].</summary>
    public Linear W2 => _w2;

    /// <param name="x_ND">[N, D].</param>
    /// <returns>[N, D], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_ND)
    {
        using var scope = NewDisposeScope();
        return _w2.call(Gate(_w13.call(x_ND))).MoveToOuterDisposeScope();
    }

    /// <summary>silu(W1 x) · W3 x, by the kernel where it reaches.</summary>
    /// <param name="gateUp">W1 x and W3 x side by side, [N, 2F].</param>
    /// <returns>[N, F], owned by the caller's scope.</returns>
    internal static Tensor Gate(Tensor gateUp)
    {
        if (FusedSwiGlu.Supports(gateUp))
            return FusedSwiGlu.Apply(gateUp);
        using var scope = NewDisposeScope();
        var halves = gateUp.chunk(2, -1);
        return (nn.functional.silu(halves[0]) * halves[1]).MoveToOuterDisposeScope();
    }
}
