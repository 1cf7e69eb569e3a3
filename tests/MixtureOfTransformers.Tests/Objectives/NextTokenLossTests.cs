using CsCheck;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Objectives;

public sealed class NextTokenLossTests
{
    [Fact]
    public void DocumentsOfOneRowHaveTheLossAndGradientsThatTheyHaveAlone()
    {
        using var together = TestModels.Create(TestModels.Config(), 21);
        using var alone = TestModels.Create(TestModels.Config(), 21);
        Gen.Int[1, 7].Array[2, 4].Sample(lengths =>
        {
            using var scope = NewDisposeScope();
            long[] inputs = [.. Enumerable.Range(0, lengths.Sum()).Select(i => (long)(i * 7 % 50))];
            var packed = Part(inputs, [.. lengths.SelectMany((length, i) => Enumerable.Repeat(i, length))]);
            var expected = 0.0;
            foreach (var model in (MotModel[])[together, alone])
                model.zero_grad();
            var at = 0;
            foreach (var length in lengths)
            {
                var loss = new NextTokenLoss().Compute(alone, Part(inputs[at..(at + length)])).Total;
                loss.backward();
                expected += loss.ToDouble();
                at += length;
            }
            var total = new NextTokenLoss().Compute(together, packed).Total;
            total.backward();
            Assert.Equal(expected, total.ToDouble(), 1e-9);
            Assert.All(together.named_parameters().Zip(alone.named_parameters()), pair =>
                Assert.True(TestModels.Difference(pair.First.parameter.grad!, pair.Second.parameter.grad!) < 1e-9, pair.First.name));
        }, iter: 10, threads: 1);
    }

    /// <summary>One row; every target is the input's double, both modalities mixed.</summary>
    private static Batch Part(long[] inputs, int[]? segments = null) =>
        new(1, inputs.Length, inputs, [.. inputs.Select(i => (byte)(i % 2))], [.. inputs.Select(i => i * 2 % 50)], new byte[inputs.Length], segments);
}
