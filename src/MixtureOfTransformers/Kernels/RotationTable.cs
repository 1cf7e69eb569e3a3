using System.Runtime.CompilerServices;

namespace MixtureOfTransformers.Kernels;

/// <summary>Cosines and sines of rotary embedding by position, for kernels: position · theta^(-2i/K) for i below K / 2.</summary>
internal sealed unsafe class RotationTable
{
    private readonly float[] _cos;
    private readonly float[] _sin;

    /// <summary>The table for positions 0 … <paramref name="positions"/> - 1.</summary>
    /// <param name="positions">How many.</param>
    /// <param name="headDim">Head width K.</param>
    /// <param name="theta">Base of the frequencies.</param>
    public RotationTable(int positions, int headDim, double theta)
    {
        var half = headDim / 2;
        _cos = GC.AllocateUninitializedArray<float>(positions * half, pinned: true);
        _sin = GC.AllocateUninitializedArray<float>(positions * half, pinned: true);
        for (var i = 0; i < half; i++)
        {
            var frequency = Math.Pow(theta, -2.0 * i / headDim);
            for (var position = 0; position < positions; position++)
            {
                var (sin, cos) = Math.SinCos(position * frequency);
                (_cos[(position * half) + i], _sin[(position * half) + i]) = ((float)cos, (float)sin);
            }
        }
    }

    /// <summary>Cosines, [positions, K / 2].</summary>
    public float* Cos => (float*)Unsafe.AsPointer(ref _cos[0]);

    /// <summary>Sines, [positions, K / 2].</summary>
    public float* Sin => (float*)Unsafe.AsPointer(ref _sin[0]);
}
