// Legend: M rows, N columns, R terms of the sum.
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>Matrix products small enough for one core's cache: C = A · B or C += A · B in fp32. Attention is made of them; a call to a GEMM library costs more than
/// such a product takes.</summary>
/// <remarks>A tile of C stays in sixteen registers (eight, where it is one vector wide) while the sum runs over all terms.</remarks>
internal static unsafe class PanelProduct
{
    /// <summary>Rows of C that every product must be a multiple of.</summary>
    public const int RowMultiple = 8;

    /// <summary>Multiplies.</summary>
    /// <param name="m">Rows of C, a multiple of <see cref="RowMultiple"/>.</param>
    /// <param name="n">Columns of C, a multiple of 16.</param>
    /// <param name="r">Terms of each sum.</param>
    /// <param name="a_MR">A; its element (i, t) is at <c>i · aRow + t · aTerm</c>, so that a transposed matrix is one with other strides.</param>
    /// <param name="aRow">Numbers from one row of A to the next.</param>
    /// <param name="aTerm">Numbers from one term of A to the next.</param>
    /// <param name="b_RN">B, row by row.</param>
    /// <param name="bRow">Numbers from one row of B to the next.</param>
    /// <param name="c_MN">C, row by row.</param>
    /// <param name="cRow">Numbers from one row of C to the next.</param>
    /// <param name="add">Whether to add to C.</param>
    public static void Multiply(int m, int n, int r, float* a_MR, nint aRow, nint aTerm, float* b_RN, nint bRow, float* c_MN, nint cRow, bool add)
    {
        var column = 0;
        for (; column + 64 <= n; column += 64)
            for (var row = 0; row < m; row += 4)
                Tile4x4(r, a_MR + (row * aRow), aRow, aTerm, b_RN + column, bRow, c_MN + (row * cRow) + column, cRow, add);
        for (; column + 32 <= n; column += 32)
            for (var row = 0; row < m; row += 8)
                Tile8x2(r, a_MR + (row * aRow), aRow, aTerm, b_RN + column, bRow, c_MN + (row * cRow) + column, cRow, add);
        for (; column < n; column += 16)
            for (var row = 0; row < m; row += 8)
                Tile8x1(r, a_MR + (row * aRow), aRow, aTerm, b_RN + column, bRow, c_MN + (row * cRow) + column, cRow, add);
    }

    private static void Tile4x4(int r, float* a, nint aRow, nint aTerm, float* b, nint bRow, float* c, nint cRow, bool add)
    {
        Vector512<float> c00, c01, c02, c03, c10, c11, c12, c13, c20, c21, c22, c23, c30, c31, c32, c33;
        c00 = c01 = c02 = c03 = c10 = c11 = c12 = c13 = c20 = c21 = c22 = c23 = c30 = c31 = c32 = c33 = Vector512<float>.Zero;
        float* a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
        nint at = 0;
        for (var t = 0; t < r; t++, b += bRow, at += aTerm)
        {
            var b0 = Vector512.Load(b);
            var b1 = Vector512.Load(b + 16);
            var b2 = Vector512.Load(b + 32);
            var b3 = Vector512.Load(b + 48);
            var x = Vector512.Create(a[at]);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
            c02 = Vector512.FusedMultiplyAdd(x, b2, c02);
            c03 = Vector512.FusedMultiplyAdd(x, b3, c03);
            x = Vector512.Create(a1[at]);
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
            c12 = Vector512.FusedMultiplyAdd(x, b2, c12);
            c13 = Vector512.FusedMultiplyAdd(x, b3, c13);
            x = Vector512.Create(a2[at]);
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
            c22 = Vector512.FusedMultiplyAdd(x, b2, c22);
            c23 = Vector512.FusedMultiplyAdd(x, b3, c23);
            x = Vector512.Create(a3[at]);
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
            c32 = Vector512.FusedMultiplyAdd(x, b2, c32);
            c33 = Vector512.FusedMultiplyAdd(x, b3, c33);
        }
        Write4(c, c00, c01, c02, c03, add);
        Write4(c + cRow, c10, c11, c12, c13, add);
        Write4(c + (2 * cRow), c20, c21, c22, c23, add);
        Write4(c + (3 * cRow), c30, c31, c32, c33, add);
    }

    private static void Tile8x2(int r, float* a, nint aRow, nint aTerm, float* b, nint bRow, float* c, nint cRow, bool add)
    {
        Vector512<float> c00, c01, c10, c11, c20, c21, c30, c31, c40, c41, c50, c51, c60, c61, c70, c71;
        c00 = c01 = c10 = c11 = c20 = c21 = c30 = c31 = c40 = c41 = c50 = c51 = c60 = c61 = c70 = c71 = Vector512<float>.Zero;
        float* a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow, a4 = a3 + aRow, a5 = a4 + aRow, a6 = a5 + aRow, a7 = a6 + aRow;
        nint at = 0;
        for (var t = 0; t < r; t++, b += bRow, at += aTerm)
        {
            var b0 = Vector512.Load(b);
            var b1 = Vector512.Load(b + 16);
            var x = Vector512.Create(a[at]);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
            x = Vector512.Create(a1[at]);
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
            x = Vector512.Create(a2[at]);
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
            x = Vector512.Create(a3[at]);
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
            x = Vector512.Create(a4[at]);
            c40 = Vector512.FusedMultiplyAdd(x, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(x, b1, c41);
            x = Vector512.Create(a5[at]);
            c50 = Vector512.FusedMultiplyAdd(x, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(x, b1, c51);
            x = Vector512.Create(a6[at]);
            c60 = Vector512.FusedMultiplyAdd(x, b0, c60);
            c61 = Vector512.FusedMultiplyAdd(x, b1, c61);
            x = Vector512.Create(a7[at]);
            c70 = Vector512.FusedMultiplyAdd(x, b0, c70);
            c71 = Vector512.FusedMultiplyAdd(x, b1, c71);
        }
        Write2(c, c00, c01, add);
        Write2(c + cRow, c10, c11, add);
        Write2(c + (2 * cRow), c20, c21, add);
        Write2(c + (3 * cRow), c30, c31, add);
        Write2(c + (4 * cRow), c40, c41, add);
        Write2(c + (5 * cRow), c50, c51, add);
        Write2(c + (6 * cRow), c60, c61, add);
        Write2(c + (7 * cRow), c70, c71, add);
    }

    private static void Tile8x1(int r, float* a, nint aRow, nint aTerm, float* b, nint bRow, float* c, nint cRow, bool add)
    {
        Vector512<float> c0, c1, c2, c3, c4, c5, c6, c7;
        c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = Vector512<float>.Zero;
        float* a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow, a4 = a3 + aRow, a5 = a4 + aRow, a6 = a5 + aRow, a7 = a6 + aRow;
        nint at = 0;
        for (var t = 0; t < r; t++, b += bRow, at += aTerm)
        {
            var x = Vector512.Load(b);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(a[at]), x, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(a1[at]), x, c1);
            c2 = Vector512.FusedMultiplyAdd(Vector512.Create(a2[at]), x, c2);
            c3 = Vector512.FusedMultiplyAdd(Vector512.Create(a3[at]), x, c3);
            c4 = Vector512.FusedMultiplyAdd(Vector512.Create(a4[at]), x, c4);
            c5 = Vector512.FusedMultiplyAdd(Vector512.Create(a5[at]), x, c5);
            c6 = Vector512.FusedMultiplyAdd(Vector512.Create(a6[at]), x, c6);
            c7 = Vector512.FusedMultiplyAdd(Vector512.Create(a7[at]), x, c7);
        }
        Write1(c, c0, add);
        Write1(c + cRow, c1, add);
        Write1(c + (2 * cRow), c2, add);
        Write1(c + (3 * cRow), c3, add);
        Write1(c + (4 * cRow), c4, add);
        Write1(c + (5 * cRow), c5, add);
        Write1(c + (6 * cRow), c6, add);
        Write1(c + (7 * cRow), c7, add);
    }

    private static void Write4(float* c, Vector512<float> x0, Vector512<float> x1, Vector512<float> x2, Vector512<float> x3, bool add)
    {
        Write2(c, x0, x1, add);
        Write2(c + 32, x2, x3, add);
    }

    private static void Write2(float* c, Vector512<float> x0, Vector512<float> x1, bool add)
    {
        Write1(c, x0, add);
        Write1(c + 16, x1, add);
    }

    private static void Write1(float* c, Vector512<float> x, bool add) => (add ? x + Vector512.Load(c) : x).Store(c);
}
