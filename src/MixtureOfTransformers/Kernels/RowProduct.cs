// Legend: R rows, D input width, E output width.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static System.Runtime.Intrinsics.Vector512;

namespace MixtureOfTransformers.Kernels;

/// <summary>y = x Wᵀ for the few rows of decoding, where reading W is what takes time: it comes from memory once, whatever the number of rows.</summary>
/// <remarks>A number is summed in the same order whatever R and the block are, so that a row's result does not depend on the rows beside it.</remarks>
internal static unsafe class RowProduct<TWeight>
    where TWeight : unmanaged, INumberFormat<TWeight>
{
    private const int Side = 4; // of a tile, in rows of x and of W: sixteen sums, which stay in registers

    /// <summary>Computes the columns <paramref name="from"/> … <paramref name="to"/> - 1 of y.</summary>
    /// <param name="x_RD">Rows of D numbers.</param>
    /// <param name="rows">R.</param>
    /// <param name="dim">D, a multiple of sixteen.</param>
    /// <param name="w_ED">All of W.</param>
    /// <param name="from">First row of W.</param>
    /// <param name="to">The row after the last.</param>
    /// <param name="y_RE">Where the result goes, column 0 first.</param>
    /// <param name="stride">Numbers from one row of y to the next.</param>
    public static void Multiply(float* x_RD, int rows, int dim, TWeight* w_ED, int from, int to, float* y_RE, int stride)
    {
        var column = from;
        for (; column + Side <= to; column += Side)
        {
            var w = w_ED + ((long)column * dim);
            var row = 0;
            for (; row + Side <= rows; row += Side)
                Square(x_RD + (row * dim), w, dim, y_RE + ((long)row * stride) + column, stride);
            for (; row < rows; row++)
                Line(x_RD + (row * dim), w, dim, y_RE + ((long)row * stride) + column);
        }
        for (; column < to; column++)
            for (var row = 0; row < rows; row++)
                y_RE[((long)row * stride) + column] = Dot(x_RD + (row * dim), w_ED + ((long)column * dim), dim);
    }

    private static float Dot(float* x, TWeight* w, int dim)
    {
        var sum = Vector512<float>.Zero;
        for (var d = 0; d < dim; d += VectorMath.Lanes)
            sum = FusedMultiplyAdd(TWeight.Load(w + d), Load(x + d), sum);
        return Sum(sum);
    }

    /// <summary>One row of x with four of W.</summary>
    private static void Line(float* x, TWeight* w, int dim, float* y)
    {
        TWeight* w1 = w + dim, w2 = w1 + dim, w3 = w2 + dim;
        Vector512<float> y0 = default, y1 = default, y2 = default, y3 = default;
        for (var d = 0; d < dim; d += VectorMath.Lanes)
        {
            Fetch(w + (Side * (dim + d)));
            var part = Load(x + d);
            y0 = FusedMultiplyAdd(TWeight.Load(w + d), part, y0);
            y1 = FusedMultiplyAdd(TWeight.Load(w1 + d), part, y1);
            y2 = FusedMultiplyAdd(TWeight.Load(w2 + d), part, y2);
            y3 = FusedMultiplyAdd(TWeight.Load(w3 + d), part, y3);
        }
        Put(y, y0, y1, y2, y3);
    }

    /// <summary>Four rows of x with four of W.</summary>
    private static void Square(float* x, TWeight* w, int dim, float* y, int stride)
    {
        float* x1 = x + dim, x2 = x1 + dim, x3 = x2 + dim;
        TWeight* w1 = w + dim, w2 = w1 + dim, w3 = w2 + dim;
        Vector512<float> y00 = default, y01 = default, y02 = default, y03 = default, y10 = default, y11 = default, y12 = default, y13 = default;
        Vector512<float> y20 = default, y21 = default, y22 = default, y23 = default, y30 = default, y31 = default, y32 = default, y33 = default;
        for (var d = 0; d < dim; d += VectorMath.Lanes)
        {
            Fetch(w + (Side * (dim + d)));
            var (p0, p1, p2, p3) = (Load(x + d), Load(x1 + d), Load(x2 + d), Load(x3 + d));
            var weight = TWeight.Load(w + d);
            y00 = FusedMultiplyAdd(weight, p0, y00);
            y10 = FusedMultiplyAdd(weight, p1, y10);
            y20 = FusedMultiplyAdd(weight, p2, y20);
            y30 = FusedMultiplyAdd(weight, p3, y30);
            weight = TWeight.Load(w1 + d);
            y01 = FusedMultiplyAdd(weight, p0, y01);
            y11 = FusedMultiplyAdd(weight, p1, y11);
            y21 = FusedMultiplyAdd(weight, p2, y21);
            y31 = FusedMultiplyAdd(weight, p3, y31);
            weight = TWeight.Load(w2 + d);
            y02 = FusedMultiplyAdd(weight, p0, y02);
            y12 = FusedMultiplyAdd(weight, p1, y12);
            y22 = FusedMultiplyAdd(weight, p2, y22);
            y32 = FusedMultiplyAdd(weight, p3, y32);
            weight = TWeight.Load(w3 + d);
            y03 = FusedMultiplyAdd(weight, p0, y03);
            y13 = FusedMultiplyAdd(weight, p1, y13);
            y23 = FusedMultiplyAdd(weight, p2, y23);
            y33 = FusedMultiplyAdd(weight, p3, y33);
        }
        Put(y, y00, y01, y02, y03);
        Put(y + stride, y10, y11, y12, y13);
        Put(y + (2L * stride), y20, y21, y22, y23);
        Put(y + (3L * stride), y30, y31, y32, y33);
    }

    /// <summary>Asks for the part of the next four rows of W as large as the one that is read now: by itself the processor follows four rows at once badly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(TWeight* next)
    {
        const int CacheLine = 64;
        if (!Sse.IsSupported)
            return;
        for (var at = 0; at < Side * VectorMath.Lanes * sizeof(TWeight); at += CacheLine)
            Sse.Prefetch0((byte*)next + at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* y, Vector512<float> y0, Vector512<float> y1, Vector512<float> y2, Vector512<float> y3) =>
        Vector128.Create(Sum(y0), Sum(y1), Sum(y2), Sum(y3)).Store(y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum(Vector512<float> x)
    {
        var half = x.GetLower() + x.GetUpper(); // Vector512.Sum keeps another order, at three times the instructions
        return Vector128.Sum(half.GetLower() + half.GetUpper());
    }
}
