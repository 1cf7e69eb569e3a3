// Legend: N rows, F inner width.
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>silu(gate) · up, where each row holds the F gates and then the F ups.</summary>
internal static unsafe class SwiGluKernel
{
    private const int NumbersOfABlock = 1 << 15;

    /// <summary>Fills <paramref name="y_NF"/> from the 2F numbers of each row.</summary>
    public static void Forward<T>(long rows, int width, T* gateUp, T* y_NF)
        where T : unmanaged, INumberFormat<T> => Cores.ForBlocks(rows, Math.Max(1, NumbersOfABlock / width), (from, to) =>
    {
        for (var row = from; row < to; row++)
        {
            T* gate = gateUp + (2 * row * width), up = gate + width, y = y_NF + (row * width);
            for (var i = 0; i < width; i += VectorMath.Lanes)
            {
                var g = T.Load(gate + i);
                T.Store(g * VectorMath.Sigmoid(g) * T.Load(up + i), y + i);
            }
        }
    });

    /// <summary>Fills the gradient of the 2F numbers of each row.</summary>
    public static void Backward<T>(long rows, int width, T* gateUp, T* dy_NF, T* dGateUp)
        where T : unmanaged, INumberFormat<T> => Cores.ForBlocks(rows, Math.Max(1, NumbersOfABlock / width), (from, to) =>
    {
        for (var row = from; row < to; row++)
        {
            T* gate = gateUp + (2 * row * width), up = gate + width, dy = dy_NF + (row * width);
            T* dGate = dGateUp + (2 * row * width), dUp = dGate + width;
            for (var i = 0; i < width; i += VectorMath.Lanes)
            {
                var g = T.Load(gate + i);
                var s = VectorMath.Sigmoid(g);
                var d = T.Load(dy + i);
                T.Store(d * T.Load(up + i) * s * (Vector512<float>.One + (g * (Vector512<float>.One - s))), dGate + i);
                T.Store(d * g * s, dUp + i);
            }
        }
    });
}
