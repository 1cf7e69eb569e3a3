// Legend: T tokens, H heads, K head width; tables are [T, 1, K].
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks.Naive;

/// <summary>Rotary position embedding composed of libtorch's operations, in the half-split layout.</summary>
internal sealed class NaiveRotary : IDisposable
{
    private readonly Tensor _cos;
    private readonly Tensor _sin;

    /// <param name="length">Tokens, T, at positions 0 to T - 1.</param>
    /// <param name="headDim">Head width, K.</param>
    /// <param name="theta">Base of the frequencies.</param>
    /// <param name="dtype">Of the queries and keys.</param>
    /// <param name="device">Where they are.</param>
    public NaiveRotary(int length, int headDim, double theta, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        var frequencies = pow(theta, -arange(0, headDim, 2, dtype: ScalarType.Float64, device: device) / headDim);
        var half = arange(length, dtype: ScalarType.Float64, device: device).unsqueeze(-1) * frequencies;
        var angles = cat([half, half], -1).unsqueeze(1);
        (_cos, _sin) = (angles.cos().to(dtype).DetachFromDisposeScope(), angles.sin().to(dtype).DetachFromDisposeScope());
    }

    /// <param name="x_BTHK">Queries or keys, [B, T, H, K].</param>
    /// <returns>[B, T, H, K], owned by the caller's scope.</returns>
    public Tensor Apply(Tensor x_BTHK)
    {
        var halves = x_BTHK.chunk(2, -1);
        return (x_BTHK * _cos) + (cat([-halves[1], halves[0]], -1) * _sin);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cos.Dispose();
        _sin.Dispose();
    }
}
