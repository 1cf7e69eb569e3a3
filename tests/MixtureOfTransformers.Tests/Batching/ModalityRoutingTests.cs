using CsCheck;
using MixtureOfTransformers.Batching;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Batching;

public sealed class ModalityRoutingTests
{
    private static readonly int[][] TowerMaps = [[0, 1, 2], [0, 0, 0], [0, 1, 0], [1, 0, 1]];
    private static readonly Gen<(byte[] Modalities, int[] Towers)> Cases =
        Gen.Select(Gen.Byte[0, 2].Array[1, 40], Gen.Int[0, TowerMaps.Length - 1].Select(i => TowerMaps[i]));

    [Fact]
    public void RestoreUndoesGroupExactly() => Cases.Sample(sample =>
    {
        using var scope = NewDisposeScope();
        using var routing = ModalityRouting.Create(sample.Modalities, sample.Towers, CPU);
        var x = rand(sample.Modalities.Length, 3);
        return routing.Restore(routing.Group(x)).Equals(x) && routing.Group(routing.Restore(x)).Equals(x);
    });

    [Fact]
    public void GroupPutsEachTowersTokensInOneBlockInSequenceOrder() => Cases.Sample(sample =>
    {
        using var scope = NewDisposeScope();
        using var routing = ModalityRouting.Create(sample.Modalities, sample.Towers, CPU);
        var grouped = routing.Group(arange(sample.Modalities.Length, dtype: ScalarType.Int64)).data<long>().ToArray();
        var expected = Enumerable.Range(0, sample.Modalities.Length).OrderBy(i => sample.Towers[sample.Modalities[i]]).Select(i => (long)i); // a stable sort
        return grouped.SequenceEqual(expected)
            && routing.Counts.SequenceEqual(Enumerable.Range(0, sample.Towers.Max() + 1).Select(t => sample.Modalities.Count(m => sample.Towers[m] == t)));
    });

    [Fact]
    public void ModalityWithoutTowerIsRefused() =>
        Assert.Contains("modality index 2", Assert.Throws<ArgumentOutOfRangeException>(() => ModalityRouting.Create([0, 2], [0, 1], CPU)).Message);
}
