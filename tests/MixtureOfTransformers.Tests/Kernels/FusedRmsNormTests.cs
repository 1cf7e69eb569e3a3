using MixtureOfTransformers.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed class FusedRmsNormTests : IDisposable
{
    private const double Epsilon = 1e-2; // so large that it shows
    private readonly DisposeScope _scope = NewDisposeScope();

    public static MatrixTheoryData<int, bool, ScalarType> Cases { get; } = new([1, 2, 3], [false, true], [ScalarType.Float32, ScalarType.BFloat16]);

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void ItIsTheNormOfEachTowerPlusTheResidual(int towers, bool residual, ScalarType dtype) => Check(rows: 70, width: 48, [.. new[] { 0, 13, 50 }.Take(towers)], residual, dtype);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(700)]
    public void AnyNumberOfRowsAgrees(int rows) => Check(rows, width: 16, [0, rows / 3], residual: true, ScalarType.Float32);

    [Theory]
    [InlineData(0, 0, 30)]
    [InlineData(0, 20, 20)]
    [InlineData(0, 20, 50)]
    public void ATowerWithoutRowsGetsAGradientOfExactlyZero(params int[] offsets)
    {
        Check(rows: 50, width: 32, offsets, residual: false, ScalarType.Float32);
        var results = FusedLaw.Run(x => FusedRmsNorm.Apply(x[0], null, x[1..], offsets, Epsilon), [FusedLaw.Random([50, 32], 1), .. FusedLaw.NormWeights(3, 32, 2)]);
        for (var tower = 0; tower < 3; tower++)
            Assert.Equal((tower < 2 ? offsets[tower + 1] : 50) == offsets[tower], results[2 + tower].abs().max().ToSingle() == 0);
    }

    [Theory]
    [InlineData(ScalarType.Float32, ScalarType.Float32, 32, true)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32, 16, true)]
    [InlineData(ScalarType.Float32, ScalarType.Float32, 24, false)]
    [InlineData(ScalarType.BFloat16, ScalarType.BFloat16, 32, false)]
    [InlineData(ScalarType.Float64, ScalarType.Float64, 32, false)]
    public void RowsAreWholeVectorsAndWeightsFp32(ScalarType dtype, ScalarType weightType, int width, bool expected) =>
        Assert.Equal(expected, FusedRmsNorm.Supports(zeros([2, width], dtype), zeros([width], weightType)));

    private static void Check(int rows, int width, int[] offsets, bool residual, ScalarType dtype)
    {
        var skip = residual ? 2 : 1;
        Tensor[] inputs = [FusedLaw.Random([rows, width], 1, dtype), .. residual ? [FusedLaw.Random([rows, width], 2, dtype)] : Array.Empty<Tensor>(), .. FusedLaw.NormWeights(offsets.Length, width, 3)];
        FusedLaw.Check(x => FusedRmsNorm.Apply(x[0], residual ? x[1] : null, x[skip..], offsets, Epsilon), x =>
        {
            var tower_N = tensor(Enumerable.Range(0, rows).Select(row => (long)Array.FindLastIndex(offsets, offset => offset <= row)).ToArray());
            var y_ND = x[0] * x[0].square().mean([-1], keepdim: true).add(Epsilon).rsqrt() * stack(x[skip..]).index_select(0, tower_N);
            return residual ? x[1] + y_ND : y_ND;
        }, inputs, FusedLaw.Tolerance(dtype));
    }
}
