// Legend: B rows, T tokens, H heads, K head width. Tables broadcast to [B, T, H, K].
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Turns the pairs of dimensions i and i + K/2, by torch's operations on any device; backward turns the other way.</summary>
internal sealed class HalfRotation : FusedFunction<HalfRotation, object>
{
    private static readonly object Nothing = new();

    /// <param name="x_BTHK">[B, T, H, K].</param>
    /// <param name="cos">Cosines, those of the first K/2 repeated.</param>
    /// <param name="sin">Sines likewise.</param>
    /// <returns>[B, T, H, K], owned by the caller's scope.</returns>
    public static Tensor Apply(Tensor x_BTHK, Tensor cos, Tensor sin) => Apply(Nothing, x_BTHK, cos, sin);

    /// <inheritdoc/>
    protected override Tensor Forward(object plan, Tensor?[] inputs, List<Tensor> saved)
    {
        saved.AddRange([inputs[1]!, inputs[2]!]);
        return Turn(inputs[0]!, inputs[1]!, inputs[2]!, 1);
    }

    /// <inheritdoc/>
    protected override Tensor?[] Backward(object plan, Tensor gradient, IReadOnlyList<Tensor> saved) => [Turn(gradient, saved[0], saved[1], -1), null, null];

    private static Tensor Turn(Tensor x_BTHK, Tensor cos, Tensor sin, int direction)
    {
        var y_BTHK = x_BTHK * cos;
        var (x, y, half) = (x_BTHK.chunk(2, -1), y_BTHK.chunk(2, -1), sin.chunk(2, -1)[0]);
        y[0].addcmul_(x[1], half, -direction);
        y[1].addcmul_(x[0], half, direction);
        return y_BTHK;
    }
}
