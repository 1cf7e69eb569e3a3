// Legend: P positions, K head width.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>Rotary embedding of single heads, dimensions i and i + K/2 as a pair, from a table of every position.</summary>
internal sealed unsafe class TokenRotation : IDisposable
{
    private readonly int _half;
    private readonly float* _cosSin_PK; // K/2 cosines, then K/2 sines

    /// <summary>Computes the table in double precision.</summary>
    /// <param name="positions">P.</param>
    /// <param name="headDim">K, a multiple of sixteen.</param>
    /// <param name="theta">Base of the frequencies.</param>
    public TokenRotation(int positions, int headDim, double theta)
    {
        _half = headDim / 2;
        _cosSin_PK = (float*)NativeMemory.Alloc((nuint)positions, (nuint)(headDim * sizeof(float)));
        Cores.ForBlocks(positions, 64, (from, to) =>
        {
            for (var position = from; position < to; position++)
                for (var i = 0; i < _half; i++)
                {
                    var (sin, cos) = Math.SinCos(position * Math.Pow(theta, -2.0 * i / headDim));
                    (_cosSin_PK[(2 * position * _half) + i], _cosSin_PK[(((2 * position) + 1) * _half) + i]) = ((float)cos, (float)sin);
                }
        });
    }

    /// <summary>Turns one head at its position, in place.</summary>
    public void Turn(float* x_K, int position)
    {
        float* cos_K = _cosSin_PK + (2L * position * _half), sin_K = cos_K + _half;
        for (var i = 0; i < _half; i += Vector256<float>.Count)
        {
            var (a, b) = (Vector256.Load(x_K + i), Vector256.Load(x_K + _half + i));
            var (cos, sin) = (Vector256.Load(cos_K + i), Vector256.Load(sin_K + i));
            ((a * cos) - (b * sin)).Store(x_K + i);
            ((b * cos) + (a * sin)).Store(x_K + _half + i);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(_cosSin_PK);
}
