using MixtureOfTransformers.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed class TowerProductTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static MatrixTheoryData<ScalarType, ScalarType> Types { get; } = new([ScalarType.Float32, ScalarType.BFloat16], [ScalarType.Float32, ScalarType.BFloat16]);

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryTowersRowsAreMultipliedByItsOwnMatrixAndGradientsHaveTheirInputsType(ScalarType dtype, ScalarType weightType) => Check([0, 13, 20], dtype, weightType);

    [Theory]
    [InlineData(64, 96, 0)]
    [InlineData(96, 64, 0, 13, 200)]
    [InlineData(160, 224, 0, 13, 13)]
    [InlineData(64, 64, 0, 128, 300)]
    [InlineData(96, 64, 0, 1030, 1543)]
    public void TheMatrixUnitComputesTheSame(int inputs, int outputs, params int[] offsets)
    {
        Assert.SkipUnless(MatrixUnit.IsPresent, MatrixUnitTests.Absent);
        var rows = offsets[^1] + 171; // pieces of many blocks, of few rows, and with rows beyond a tile
        Check(offsets, [FusedLaw.Random([rows, inputs], 1, ScalarType.BFloat16), .. Enumerable.Range(2, offsets.Length).Select(i => FusedLaw.Random([outputs, inputs], i))], FusedLaw.Bf16Tolerance);
    }

    /// <summary>As in training, where they are views of one buffer. Sums in fp32 do not show that their terms are bf16.</summary>
    [Fact]
    public void TheMatrixUnitAddsToTheGradientsThatAreThereWithoutRounding()
    {
        Assert.SkipUnless(MatrixUnit.IsPresent, MatrixUnitTests.Absent);
        int[] offsets = [0, 13, 200];
        var x_ND = FusedLaw.Random([301, 96], 1, ScalarType.BFloat16);
        Tensor[] weights_ED = [.. offsets.Select((_, tower) => FusedLaw.Random([64, 96], 2 + tower).requires_grad_(true))], there_ED = [.. offsets.Select((_, tower) => FusedLaw.Random([64, 96], 5 + tower))];
        for (var tower = 0; tower < offsets.Length; tower++)
            weights_ED[tower].grad = there_ED[tower].clone();
        var y_NE = TowerProduct.Apply(x_ND, weights_ED, offsets);
        var dy_NE = FusedLaw.Random(y_NE.shape, 9, ScalarType.BFloat16);
        (y_NE * dy_NE).sum().backward();
        for (var tower = 0; tower < offsets.Length; tower++)
        {
            var rows = (tower + 1 < offsets.Length ? offsets[tower + 1] : x_ND.shape[0]) - offsets[tower];
            Tensor Rows(Tensor all) => all.narrow(0, offsets[tower], rows).to(ScalarType.Float64);
            FusedLaw.AssertClose($"tower {tower}", there_ED[tower].to(ScalarType.Float64) + Rows(dy_NE).t().mm(Rows(x_ND)), weights_ED[tower].grad!, FusedLaw.Fp32Tolerance);
        }
    }

    [Fact]
    public void OneTowerHasAllRows() => Check([0], ScalarType.Float32, ScalarType.Float32);

    [Theory]
    [InlineData(0, 0, 13)]
    [InlineData(0, 13, 13)]
    [InlineData(0, 13, 31)]
    public void ATowerWithoutRowsGetsAGradientOfExactlyZero(params int[] offsets)
    {
        Check(offsets, ScalarType.Float32, ScalarType.Float32);
        var results = FusedLaw.Run(x => TowerProduct.Apply(x[0], x[1..], offsets), Inputs(3, ScalarType.Float32, ScalarType.Float32));
        for (var tower = 0; tower < 3; tower++)
            Assert.Equal((tower < 2 ? offsets[tower + 1] : 31) == offsets[tower], results[2 + tower].abs().max().ToSingle() == 0);
    }

    [Fact]
    public void FlopsAreTwoPerRowAndWeight()
    {
        var before = TowerProduct.ForwardFlops;
        FusedLaw.Run(x => TowerProduct.Apply(x[0], x[1..], [0, 13, 20]), Inputs(3, ScalarType.Float32, ScalarType.Float32));
        Assert.Equal(2 * 31 * 24 * 40, TowerProduct.ForwardFlops - before);
    }

    private static void Check(int[] offsets, ScalarType dtype, ScalarType weightType) =>
        Check(offsets, Inputs(offsets.Length, dtype, weightType), FusedLaw.Tolerance(dtype == ScalarType.BFloat16 ? dtype : weightType));

    private static void Check(int[] offsets, Tensor[] inputs, double tolerance) => FusedLaw.Check(x => TowerProduct.Apply(x[0], x[1..], offsets),
        x => cat([.. offsets.Select((start, tower) => x[0].narrow(0, start, (tower + 1 < offsets.Length ? offsets[tower + 1] : x[0].shape[0]) - start).mm(x[tower + 1].t()))]), inputs, tolerance);

    private static Tensor[] Inputs(int towers, ScalarType dtype, ScalarType weightType) =>
        [FusedLaw.Random([31, 24], 1, dtype), .. Enumerable.Range(2, towers).Select(i => FusedLaw.Random([40, 24], i, weightType))];
}
