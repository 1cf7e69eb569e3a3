using MixtureOfTransformers.Kernels;
using static MixtureOfTransformers.Tests.Kernels.TestNumbers;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed unsafe class RowProductTests
{
    private const int Dim = 80, Columns = 23, From = 2, Stride = 29;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(11)]
    public void EveryFormatGivesTheProductOfItsNumbers(int rows)
    {
        Check<Fp32>(rows, 1);
        Check<Bf16>(rows, 1);
        Check<Int8>(rows, 127);
    }

    [Fact]
    public void ARowsResultDoesNotDependOnTheRowsBesideItOrOnTheBlock()
    {
        float[] x = Draw(9 * Dim, 1), w = Draw(Columns * Dim, 2);
        var together = Multiply(x, 9, Round<Fp32>(w), 0, Columns);
        for (var row = 0; row < 9; row++)
            for (var column = 0; column < Columns; column++)
                Assert.Equal(together[(row * Stride) + column], Multiply(x[(row * Dim)..((row + 1) * Dim)], 1, Round<Fp32>(w), column, column + 1)[column]);
    }

    private static void Check<T>(int rows, float scale)
        where T : unmanaged, INumberFormat<T>
    {
        var (x, w) = (Draw(rows * Dim, 3), Round<T>(Draw(Columns * Dim, 4, scale)));
        var (y, numbers) = (Multiply(x, rows, w, From, Columns), Read(w));
        var expected = new double[y.Length];
        for (var row = 0; row < rows; row++)
            for (var column = From; column < Columns; column++)
                expected[(row * Stride) + column] = Enumerable.Range(0, Dim).Sum(d => x[(row * Dim) + d] * numbers[(column * Dim) + d]);
        Near(expected, y);
    }

    private static float[] Multiply<T>(float[] x, int rows, T[] w, int from, int to)
        where T : unmanaged, INumberFormat<T>
    {
        var y = new float[rows * Stride];
        fixed (float* x_RD = x, y_RE = y)
        fixed (T* w_ED = w)
            RowProduct<T>.Multiply(x_RD, rows, Dim, w_ED, from, to, y_RE, Stride);
        return y;
    }
}
