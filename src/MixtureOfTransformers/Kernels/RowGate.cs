// Legend: F inner width.
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>The gate of a SwiGLU on one row, in fp32.</summary>
internal static unsafe class RowGate
{
    /// <summary>gate = silu(gate) · up.</summary>
    /// <param name="gate_F">W1 x, overwritten by the result.</param>
    /// <param name="up_F">W3 x.</param>
    /// <param name="count">Numbers, a multiple of sixteen.</param>
    public static void SiluTimes(float* gate_F, float* up_F, int count)
    {
        for (var f = 0; f < count; f += VectorMath.Lanes)
        {
            var gate = Vector512.Load(gate_F + f);
            (gate * VectorMath.Sigmoid(gate) * Vector512.Load(up_F + f)).Store(gate_F + f);
        }
    }
}
