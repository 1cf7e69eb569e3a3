// Legend: M rows, N columns, R terms of the sum.
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed unsafe class PanelProductTests
{
    /// <summary>Every mix of tiles: 64, 32 and 16 columns wide, alone and after each other.</summary>
    public static MatrixTheoryData<int, int, int, bool> Shapes { get; } = new([8, 40], [16, 32, 48, 64, 80, 96, 112, 128, 240], [0, 1, 33], [false, true]);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ProductsAreThoseOfTorch(int m, int n, int r, bool add) => Check(m, n, r, add, transposed: false, gap: 0);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void StridesTransposeTheFirstMatrix(int m, int n, int r, bool add) => Check(m, n, r, add, transposed: true, gap: 0);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NumbersBetweenRowsAreNeitherReadNorWritten(bool transposed) => Check(16, 112, 7, add: false, transposed, gap: 5);

    private static void Check(int m, int n, int r, bool add, bool transposed, int gap)
    {
        using var scope = NewDisposeScope();
        var a = FusedLaw.Random(transposed ? [r, m + gap] : [m, r + gap], 1);
        var b_RN = FusedLaw.Random([r, n + gap], 2);
        var c_MN = FusedLaw.Random([m, n + gap], 3);
        var before_MN = c_MN.clone();
        nint aWidth = (nint)a.shape[1];
        fixed (byte* aAt = a.bytes, bAt = b_RN.bytes, cAt = c_MN.bytes)
            PanelProduct.Multiply(m, n, r, (float*)aAt, transposed ? 1 : aWidth, transposed ? aWidth : 1, (float*)bAt, n + gap, (float*)cAt, n + gap, add);

        var a_MR = transposed ? a.narrow(1, 0, m).t() : a.narrow(1, 0, r);
        var expected_MN = a_MR.to(ScalarType.Float64).mm(b_RN.narrow(1, 0, n).to(ScalarType.Float64)) + (add ? before_MN.narrow(1, 0, n) : 0);
        FusedLaw.AssertClose("product", expected_MN, c_MN.narrow(1, 0, n), 1e-6);
        if (gap > 0)
            FusedLaw.AssertSameBits(before_MN.narrow(1, n, gap).contiguous(), c_MN.narrow(1, n, gap).contiguous());
    }
}
