using MixtureOfTransformers.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed class FusedSwiGluTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static MatrixTheoryData<int, int, ScalarType> Shapes { get; } = new([0, 1, 7, 900], [16, 48], [ScalarType.Float32, ScalarType.BFloat16]);

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ItIsSiluOfTheGateTimesUp(int rows, int width, ScalarType dtype) => Check(2 * FusedLaw.Random([rows, 2 * width], 1, dtype), dtype);

    [Fact]
    public void LargeGatesSaturate() => Check(60 * FusedLaw.Random([20, 32], 2), ScalarType.Float32);

    [Fact]
    public void InputsAndGradientsMayBeTransposed() => FusedLaw.Check(x => FusedSwiGlu.Apply(x[0].t()).t(), x => Composed(x[0].t()).t(), [FusedLaw.Random([64, 9], 3)], FusedLaw.Fp32Tolerance);

    [Theory]
    [InlineData(ScalarType.Float32, 32, true)]
    [InlineData(ScalarType.BFloat16, 96, true)]
    [InlineData(ScalarType.Float32, 48, false)]
    [InlineData(ScalarType.Float64, 32, false)]
    public void RowsArePairsOfWholeVectors(ScalarType dtype, int width, bool expected) => Assert.Equal(expected, FusedSwiGlu.Supports(zeros([2, width], dtype)));

    private static void Check(Tensor gateUp, ScalarType dtype) => FusedLaw.Check(x => FusedSwiGlu.Apply(x[0]), x => Composed(x[0]), [gateUp], FusedLaw.Tolerance(dtype));

    private static Tensor Composed(Tensor gateUp)
    {
        var halves = gateUp.chunk(2, -1);
        return halves[0] * halves[0].sigmoid() * halves[1];
    }
}
