using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MixtureOfTransformers.Kernels;

/// <summary>Turns sixteen rows of sixteen 32-bit numbers into columns, in registers. Needs AVX-512.</summary>
internal static unsafe class Transposition
{
    private const byte EvenLanes = 0x88, OddLanes = 0xdd; // of four lanes of 128 bits, for Shuffle4x128

    /// <summary>to[j, i] = from[i, j].</summary>
    /// <param name="from">Sixteen rows.</param>
    /// <param name="fromRow">Numbers from one of them to the next.</param>
    /// <param name="to">Receives sixteen rows; must not overlap.</param>
    /// <param name="toRow">Numbers from one of those to the next.</param>
    [SkipLocalsInit]
    public static void Turn(uint* from, nint fromRow, uint* to, nint toRow)
    {
        var quads = stackalloc Vector512<uint>[16]; // lane L of 4 g + c: column 4 L + c of rows 4 g … 4 g + 3
        for (var g = 0; g < 4; g++, from += 4 * fromRow)
        {
            var (first, second) = (Vector512.Load(from), Vector512.Load(from + fromRow));
            var (third, fourth) = (Vector512.Load(from + (2 * fromRow)), Vector512.Load(from + (3 * fromRow)));
            var (low, high) = (Avx512F.UnpackLow(first, second).AsUInt64(), Avx512F.UnpackHigh(first, second).AsUInt64());
            var (nextLow, nextHigh) = (Avx512F.UnpackLow(third, fourth).AsUInt64(), Avx512F.UnpackHigh(third, fourth).AsUInt64());
            quads[4 * g] = Avx512F.UnpackLow(low, nextLow).AsUInt32();
            quads[(4 * g) + 1] = Avx512F.UnpackHigh(low, nextLow).AsUInt32();
            quads[(4 * g) + 2] = Avx512F.UnpackLow(high, nextHigh).AsUInt32();
            quads[(4 * g) + 3] = Avx512F.UnpackHigh(high, nextHigh).AsUInt32();
        }
        for (var c = 0; c < 4; c++, to += toRow)
        {
            var (even, odd) = (Avx512F.Shuffle4x128(quads[c], quads[4 + c], EvenLanes), Avx512F.Shuffle4x128(quads[c], quads[4 + c], OddLanes));
            var (nextEven, nextOdd) = (Avx512F.Shuffle4x128(quads[8 + c], quads[12 + c], EvenLanes), Avx512F.Shuffle4x128(quads[8 + c], quads[12 + c], OddLanes));
            Avx512F.Shuffle4x128(even, nextEven, EvenLanes).Store(to);
            Avx512F.Shuffle4x128(odd, nextOdd, EvenLanes).Store(to + (4 * toRow));
            Avx512F.Shuffle4x128(even, nextEven, OddLanes).Store(to + (8 * toRow));
            Avx512F.Shuffle4x128(odd, nextOdd, OddLanes).Store(to + (12 * toRow));
        }
    }
}
