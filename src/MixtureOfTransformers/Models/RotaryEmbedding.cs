// Legend: B rows, T tokens, H heads, K head width. Tables are [T, 1, K] or, with positions per row, [B, T, 1, K].
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Rotary position embedding (RoPE) in the half-split layout of Hugging Face models: dimensions i and i + K/2 form a pair, turned by
/// position · theta^(-2i/K). One global position per token, whatever its modality.</summary>
public sealed class RotaryEmbedding : IDisposable
{
    private readonly Tensor _cos;
    private readonly Tensor _sin;

    /// <summary>Computes the tables once for all layers of a forward pass.</summary>
    /// <param name="positions">Positions, [T] or [B, T], Int64.</param>
    /// <param name="headDim">Head width K, even.</param>
    /// <param name="theta">Base of the frequencies.</param>
    /// <param name="dtype">Of the queries and keys.</param>
    public RotaryEmbedding(Tensor positions, int headDim, double theta, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var exponents = arange(0, headDim, 2, dtype: ScalarType.Float64, device: positions.device) / headDim;
        var angles = positions.to(ScalarType.Float64).unsqueeze(-1) * pow(theta, -exponents);
        var both = cat([angles, angles], -1).unsqueeze(-2);
        _cos = both.cos().to(dtype).DetachFromDisposeScope();
        _sin = both.sin().to(dtype).DetachFromDisposeScope();
    }

    /// <summary>Turns queries or keys.</summary>
    /// <param name="x_BTHK">[B, T, H, K].</param>
    /// <returns>[B, T, H, K], owned by the caller's scope.</returns>
    public Tensor Apply(Tensor x_BTHK)
    {
        if (FusedKernels.StandInFor(x_BTHK))
            return HalfRotation.Apply(x_BTHK, _cos, _sin);
        using var scope = NewDisposeScope();
        var halves = x_BTHK.chunk(2, -1);
        var rotated_BTHK = cat([-halves[1], halves[0]], -1);
        return addcmul(x_BTHK * _cos, rotated_BTHK, _sin, 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cos.Dispose();
        _sin.Dispose();
    }
}
