using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

/// <summary>Spreading rows over slots and collecting them again, against <c>index_select</c> and <c>index_add</c> in float64.</summary>
public sealed class FusedSlotsTests
{
    private const int Width = 48;
    private static readonly long[] Rows = [4, 0, 4, 2, 7, 7, 7, 1, 0, 4]; // rows 3, 5 and 6 in no slot
    private static readonly SlotTable Table = new(Rows, 8);

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void SpreadIsTheComposedExpression(ScalarType dtype) =>
        FusedLaw.Check(x => FusedSpread.Apply(x[0], Table), x => x[0].index_select(0, tensor(Rows)), [FusedLaw.Random([8, Width], 1, dtype)], FusedLaw.Tolerance(dtype));

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void CollectIsTheComposedExpression(ScalarType dtype) => FusedLaw.Check(
        x => FusedCollect.Apply(x[0], x[1], Table), x => zeros(8, Width, ScalarType.Float64).index_add(0, tensor(Rows), x[0] * x[1].unsqueeze(1), 1),
        [FusedLaw.Random([Rows.Length, Width], 1, dtype), FusedLaw.Random([Rows.Length], 2)], FusedLaw.Tolerance(dtype));

    [Fact]
    public void SlotsOfARowAreInRisingOrder() => Assert.Equal([0, 2, 9], Table.SlotsOf(4).ToArray());
}
