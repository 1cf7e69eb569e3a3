using CsCheck;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Objectives;

public sealed class NextTokenLossTests
{
    /// <summary>Rows of documents of these lengths, and padding up to the longest row plus one.</summary>
    public static TheoryData<int[][]> Packings { get; } = new()
    {
        new int[][] { [4, 4, 4], [4, 4, 4] },    // document by document: 6 x 4 x 4 pairs are fewer than 2 x 13 x 13
        new int[][] { [12], [5, 5], [3, 3, 3] }, // a row of one document before rows of several
        new int[][] { [11, 1], [1, 11] },        // by a mask: 4 x 11 x 11 pairs are more than 2 x 13 x 13
        new int[][] { [6], [5] },                // nothing shared: causal as it is
    };

    [Theory]
    [MemberData(nameof(Packings))]
    public void DocumentsOfOneRowHaveTheLossAndGradientsThatTheyHaveAlone(int[][] rows) => Check(rows);

    [Fact]
    public void SoHaveDocumentsOfAnyLengths() => Gen.Int[1, 7].Array[1, 4].Array[1, 3].Sample(rows => Check(rows), iter: 10, threads: 1);

    private static void Check(int[][] rows)
    {
        using var scope = NewDisposeScope();
        using var together = TestModels.Create(TestModels.Config(), 21);
        using var alone = TestModels.Create(TestModels.Config(), 21);
        var length = rows.Max(r => r.Sum()) + 1;
        var expected = 0.0;
        var (inputs, segments) = (new List<long>(), new List<int>());
        foreach (var row in rows)
        {
            for (var document = 0; document < row.Length; document++)
            {
                long[] tokens = [.. Enumerable.Range(inputs.Count, row[document]).Select(i => (long)((i * 7) + 1) % 50)];
                inputs.AddRange(tokens);
                segments.AddRange(tokens.Select(_ => document));
                var loss = new NextTokenLoss().Compute(alone, Make(1, tokens)).Total;
                loss.backward();
                expected += loss.ToDouble();
            }
            var padding = length - row.Sum();
            inputs.AddRange(Enumerable.Repeat(0L, padding));
            segments.AddRange(Enumerable.Repeat(Batch.PaddingSegment, padding));
        }
        var total = new NextTokenLoss().Compute(together, Make(rows.Length, [.. inputs], [.. segments])).Total;
        total.backward();
        Assert.Equal(expected, total.ToDouble(), 1e-9);
        Assert.All(together.named_parameters().Zip(alone.named_parameters()), pair =>
            Assert.True(TestModels.Difference(pair.First.parameter.grad!, pair.Second.parameter.grad!) < 1e-9, pair.First.name));
    }

    /// <summary>Both modalities mixed; every target is the input's double, padding (id 0) has none.</summary>
    private static Batch Make(int rows, long[] inputs, int[]? segments = null) => new(rows, inputs.Length / rows, inputs, [.. inputs.Select(i => (byte)(i % 2))],
        [.. inputs.Select((token, i) => segments?[i] == Batch.PaddingSegment ? Batch.IgnoredTarget : token * 2 % 50)], new byte[inputs.Length], segments);
}
