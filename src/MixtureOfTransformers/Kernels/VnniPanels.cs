// Legend: K terms of a sum, N columns, M rows.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>The right-hand matrix of a product as the matrix unit reads it: panels of 64 columns, and in each of them pairs of terms side by side, [K / 2, 64, 2]
/// (oneDNN's VNNI layout). Also the left-hand matrix turned, whose terms lie side by side anyway.</summary>
internal static unsafe class VnniPanels
{
    /// <summary>Columns of a panel.</summary>
    public const int Columns = 64;

    private const int PairsOfABlock = 16, TermsOfABlock = 2 * PairsOfABlock;

    /// <summary>Numbers of one panel.</summary>
    public static long SizeOf(long terms) => terms * Columns;

    /// <summary>Panels that many columns need.</summary>
    public static long CountOf(long columns) => (columns + Columns - 1) / Columns;

    /// <summary>Fills panels from a matrix whose rows are the terms.</summary>
    /// <param name="rows_KN">Row by row.</param>
    /// <param name="row">Numbers from one row to the next.</param>
    /// <param name="terms">Rows to read; an odd last one is paired with zeros.</param>
    /// <param name="columns">Columns N, a multiple of 16; the last panel is filled up with zeros.</param>
    /// <param name="panels">Where the first term belongs in the first panel.</param>
    /// <param name="panelTerms">Terms of a whole panel.</param>
    public static void FromRows<T>(T* rows_KN, nint row, int terms, int columns, Bf16* panels, long panelTerms)
        where T : unmanaged, INumberFormat<T>
    {
        for (var term = 0; term < terms; term += 2, rows_KN += 2 * row)
            for (var first = 0; first < columns; first += Columns)
            {
                var to = (uint*)(panels + (first / Columns * SizeOf(panelTerms)) + (term * Columns));
                for (var n = 0; n < Columns; n += VectorMath.Lanes)
                    (first + n < columns ? Pair(rows_KN + first + n, row, term + 1 < terms) : Vector512<uint>.Zero).Store(to + n);
            }
    }

    /// <summary>Fills one panel from a matrix whose rows are the columns.</summary>
    /// <param name="rows_NK">Row by row.</param>
    /// <param name="row">Numbers from one row to the next.</param>
    /// <param name="columns">Rows to read, at most 64; beyond them the panel is zero.</param>
    /// <param name="terms">K, a multiple of 32.</param>
    /// <param name="panel">The panel.</param>
    [SkipLocalsInit]
    public static void FromColumns<T>(T* rows_NK, nint row, int columns, int terms, Bf16* panel)
        where T : unmanaged, INumberFormat<T>
    {
        var block = stackalloc Vector512<uint>[16];
        for (var n = 0; n < Columns; n += 16)
            for (var k = 0; k < terms; k += TermsOfABlock)
            {
                for (var i = 0; i < 16; i++)
                    block[i] = n + i < columns ? Terms(rows_NK + ((n + i) * row) + k) : Vector512<uint>.Zero;
                Transposition.Turn((uint*)block, 16, (uint*)panel + (k / 2 * Columns) + n, Columns);
            }
    }

    /// <summary>Turns rows into columns: the left-hand matrix of a sum over the rows.</summary>
    /// <param name="rows_KM">Row by row.</param>
    /// <param name="row">Numbers from one row to the next.</param>
    /// <param name="terms">Rows to read; those up to the next multiple of 32 count as zeros.</param>
    /// <param name="count">Columns M to turn, a multiple of 16.</param>
    /// <param name="turned_MK">Receives them, each a row.</param>
    /// <param name="turnedRow">Numbers from one row to the next there.</param>
    [SkipLocalsInit]
    public static void Turned<T>(T* rows_KM, nint row, int terms, int count, Bf16* turned_MK, nint turnedRow)
        where T : unmanaged, INumberFormat<T>
    {
        var block = stackalloc Vector512<uint>[16];
        for (var m = 0; m < count; m += 16)
            for (var k = 0; k < terms; k += TermsOfABlock)
            {
                for (var i = 0; i < PairsOfABlock; i++)
                    block[i] = k + (2 * i) < terms ? Pair(rows_KM + ((k + (2 * i)) * row) + m, row, k + (2 * i) + 1 < terms) : Vector512<uint>.Zero;
                Transposition.Turn((uint*)block, 16, (uint*)(turned_MK + (m * turnedRow) + k), turnedRow / 2);
            }
    }

    /// <summary>Sixteen numbers of one row in the lower halves, those of the next above them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Pair<T>(T* at, nint row, bool hasNext)
        where T : unmanaged, INumberFormat<T>
    {
        if (typeof(T) == typeof(Bf16))
            return hasNext ? Bf16.Bits((Bf16*)at) | (Bf16.Bits((Bf16*)(at + row)) << 16) : Bf16.Bits((Bf16*)at);
        var lower = Bf16.Upper(T.Load(at)) >> 16;
        return hasNext ? lower | (Bf16.Upper(T.Load(at + row)) & Vector512.Create(0xffff_0000u)) : lower;
    }

    /// <summary>Thirty-two terms of one column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Terms<T>(T* at)
        where T : unmanaged, INumberFormat<T>
    {
        if (typeof(T) == typeof(Bf16))
            return Vector512.Load((uint*)at);
        return Vector512.Create(Bf16.Narrow(T.Load(at)), Bf16.Narrow(T.Load(at + VectorMath.Lanes))).AsUInt32();
    }
}
