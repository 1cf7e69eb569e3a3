using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

/// <summary>What stands in for the kernels on other devices, held on the CPU against plain expressions in float64.</summary>
public sealed class DeviceOperationTests : IDisposable
{
    private static readonly int[] Offsets = [0, 13, 13];
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<ScalarType> Types { get; } = [ScalarType.Float64, ScalarType.Float32, ScalarType.BFloat16];

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Types))]
    public void NormsOfAllRowsAtOnceAreThoseOfEachTower(ScalarType dtype)
    {
        Tensor[] inputs = [FusedLaw.Random([31, 24], 1, dtype), FusedLaw.Random([31, 24], 2, dtype), .. FusedLaw.NormWeights(3, 24, 3).Select(w => dtype == ScalarType.Float64 ? w.to(dtype) : w)];
        FusedLaw.Check(x => TowerOperations.Normalise(x[0], x[1], x[2..], Offsets, 1e-5), x => x[1] + Composed(x[0], x[2..]), inputs, 2 * FusedLaw.Tolerance(dtype));
        FusedLaw.Check(x => TowerOperations.Normalise(x[0], null, x[1..], Offsets, 1e-5), x => Composed(x[0], x[1..]), [inputs[0], .. inputs[2..]], 2 * FusedLaw.Tolerance(dtype));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void NormsOfHeadsShareTheirWeight(ScalarType dtype)
    {
        Tensor[] inputs = [FusedLaw.Random([31, 4, 8], 1, dtype), .. FusedLaw.NormWeights(3, 8, 3).Select(w => dtype == ScalarType.Float64 ? w.to(dtype) : w)];
        FusedLaw.Check(x => TowerOperations.Normalise(x[0], null, x[1..], Offsets, 1e-5), x => Composed(x[0], x[1..]), inputs, 2 * FusedLaw.Tolerance(dtype));
    }

    [Fact]
    public void TurningIsThatOfTheComposedExpression()
    {
        using var rotary = new RotaryEmbedding(arange(7, dtype: ScalarType.Int64), 8, 100, ScalarType.Float64);
        FusedLaw.Check(x => rotary.Apply(x[0]), x =>
        {
            using var off = FusedKernels.Off();
            return rotary.Apply(x[0]);
        }, [FusedLaw.Random([3, 7, 4, 8], 1, ScalarType.Float64)], 1e-12);
    }

    [Fact]
    public void AnOrderAndItsGradientAreThoseOfIndexSelect()
    {
        var (index, back) = (tensor([2L, 0, 3, 1]), tensor([1L, 3, 0, 2]));
        FusedLaw.Check(x => Rearrangement.Apply(x[0], index, back), x => x[0].index_select(0, index), [FusedLaw.Random([4, 3, 2], 1, ScalarType.Float64)], 1e-12);
        var (some, place, unused) = (tensor([3L, 1]), tensor([0L, 1, 0, 0]), tensor([true, false, true, false]));
        FusedLaw.Check(x => Rearrangement.Apply(x[0], some, place, unused), x => x[0].index_select(0, some), [FusedLaw.Random([4, 3, 2], 1, ScalarType.Float64)], 1e-12);
    }

    [Fact]
    public void LibtorchsAdamWIsThatOfTheFormula()
    {
        var (p, g, m, v) = (FusedLaw.Random([40], 1), FusedLaw.Random([40], 2), 0.1 * FusedLaw.Random([40], 3), 0.1 * FusedLaw.Random([40], 4).square());
        var (halved, m1, v1) = (g / 2, m.clone(), v.clone());
        m1 = (0.9 * m) + (0.1 * halved);
        v1 = (0.95 * v) + (0.05 * halved.square());
        var expected = (p * (1 - (0.01 * 0.1))) - (0.01 * (m1 / (1 - Math.Pow(0.9, 3))) / ((v1 / (1 - Math.Pow(0.95, 3))).sqrt() + 1e-8));
        TorchOperations.AdamW(p, g, m, v, full([], 3f), full([], 2f), 0.01, 0.9, 0.95, 0.1, 1e-8);
        FusedLaw.AssertClose("weights", expected, p, 1e-6);
        FusedLaw.AssertClose("first moments", m1, m, 1e-6);
        FusedLaw.AssertClose("second moments", v1, v, 1e-6);
    }

    private static Tensor Composed(Tensor x, Tensor[] weights)
    {
        var normalised = x * (x.square().mean([-1], keepdim: true) + 1e-5).rsqrt();
        return cat([.. weights.Select((w, tower) => normalised.narrow(0, Offsets[tower], (tower + 1 < Offsets.Length ? Offsets[tower + 1] : x.shape[0]) - Offsets[tower]) * w)]);
    }
}
