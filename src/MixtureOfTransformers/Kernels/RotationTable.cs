using System.Runtime.CompilerServices;

namespace MixtureOfTransformers.Kernels;

/// <summary>Cosines and sines of rotary embedding by position, for kernels: position · theta^(-2i/K) for i below K / 2.</summary>
internal sealed unsafe class RotationTable
{
    private readonly float[] _cos;
    private readonly float[] _sin;

    private readonly int _positions;
    private readonly (int HeadDim, double Theta) _kind;

    [ThreadStatic]
    private static RotationTable? _last;

    /// <summary>A table for positions 0 … <paramref name="positions"/> - 1 or more: this thread's last one, if it will do.</summary>
    /// <param name="positions">How many.</param>
    /// <param name="headDim">Head width K.</param>
    /// <param name="theta">Base of the frequencies.</param>
    public static RotationTable Of(int positions, int headDim, double theta)
    {
        if (_last is null || _last._kind != (headDim, theta) || _last._positions < positions)
            _last = new((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)positions), headDim, theta);
        return _last;
    }

    /// <summary>The table for positions 0 … <paramref name="positions"/> - 1.</summary>
    /// <param name="positions">How many.</param>
    /// <param name="headDim">Head width K.</param>
    /// <param name="theta">Base of the frequencies.</param>
    public RotationTable(int positions, int headDim, double theta)
    {
        (_positions, _kind) = (positions, (headDim, theta));
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
