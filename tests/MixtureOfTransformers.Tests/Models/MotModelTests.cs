using CsCheck;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

public sealed class MotModelTests
{
    private const double Exact = 1e-10; // float64, sums in another order

    private static readonly Gen<(long[] Tokens, byte[] Modalities)> Mixed = Sequence(2);

    [Theory]
    [InlineData(NormPlacement.Output, QkNorm.Rms, UntiedParts.All)]
    [InlineData(NormPlacement.Output, QkNorm.Layer, UntiedParts.All)]
    [InlineData(NormPlacement.Pre, QkNorm.None, UntiedParts.All)]
    [InlineData(NormPlacement.Pre, QkNorm.Rms, UntiedParts.FeedForward)]
    [InlineData(NormPlacement.Output, QkNorm.Rms, UntiedParts.FeedForward | UntiedParts.QueryKeyValue)]
    public void ModelEqualsATokenByTokenLoop(NormPlacement placement, QkNorm qkNorm, UntiedParts untied)
    {
        using var model = TestModels.Create(TestModels.Config(3, placement, qkNorm) with { Untied = untied }, 1);
        var naive = new NaiveMot(model);
        Sequence(3).Sample(sample =>
        {
            using var scope = NewDisposeScope();
            var expected = naive.Logits(sample.Tokens, sample.Modalities).SelectMany(row => row).ToArray();
            return TestModels.Difference(TestModels.Run(model, sample.Tokens, sample.Modalities).reshape(-1), tensor(expected)) < Exact;
        }, iter: 5, threads: 1);
    }

    [Theory]
    [InlineData(NormPlacement.Output)]
    [InlineData(NormPlacement.Pre)]
    public void EqualTowersMatchTheDenseModel(NormPlacement placement)
    {
        var config = TestModels.Config(2, placement);
        using var dense = TestModels.Create(config.AsDense(), 2);
        using var mot = TestModels.Create(config, 3);
        TestModels.CopyTowers(dense, mot, _ => 0);
        Mixed.Sample(s => DifferenceOn(dense, mot, s.Tokens, s.Modalities) < Exact, iter: 10, threads: 1);
    }

    [Fact]
    public void OneModalityIsTheDenseModel()
    {
        using var one = TestModels.Create(TestModels.Config(1), 4);
        using var dense = TestModels.Create(TestModels.Config(2).AsDense(), 4);
        Assert.Equal(ParameterCount.Of(one.Config), ParameterCount.Of(dense.Config));
        Mixed.Sample(s =>
        {
            using var scope = NewDisposeScope();
            return TestModels.Difference(TestModels.Run(one, s.Tokens, new byte[s.Tokens.Length]), TestModels.Run(dense, s.Tokens, s.Modalities)) == 0;
        }, iter: 5, threads: 1);
    }

    [Theory]
    [InlineData(NormPlacement.Output)]
    [InlineData(NormPlacement.Pre)]
    public void TextThroughAnUpcycledModelReproducesTheDenseLogits(NormPlacement placement)
    {
        var config = TestModels.Config(2, placement);
        using var dense = TestModels.Create(config.AsDense(), 5);
        using var mot = TestModels.Create(config, 6); // the image tower keeps its own weights
        using (no_grad())
        {
            var from = dense.named_parameters().ToDictionary(p => p.name, p => p.parameter);
            foreach (var (name, parameter) in mot.named_parameters())
                if (from.TryGetValue(name, out var source))
                    parameter.copy_(source);
        }
        Mixed.Sample(s => DifferenceOn(dense, mot, s.Tokens, new byte[s.Tokens.Length]) < Exact, iter: 5, threads: 1);
    }

    [Fact]
    public void RenumberingTowersWithTheirWeightsChangesNothing()
    {
        var config = TestModels.Config(3);
        int[] renumbered = [2, 0, 1]; // modality → tower
        using var model = TestModels.Create(config, 7);
        using var other = TestModels.Create(config with { Towers = [.. renumbered] }, 8);
        TestModels.CopyTowers(model, other, tower => Array.IndexOf(renumbered, tower));
        Sequence(3).Sample(s => DifferenceOn(model, other, s.Tokens, s.Modalities) < Exact, iter: 10, threads: 1);
    }

    [Fact]
    public void MergedModalitiesShareATower()
    {
        var config = TestModels.Config(3) with { Towers = [0, 1, 0] }; // leave image out: text and speech share
        using var model = TestModels.Create(config, 9);
        Sequence(3).Sample(s => DifferenceOn(model, model, s.Tokens, s.Modalities, [.. s.Modalities.Select(m => m == 2 ? (byte)0 : m)]) < Exact, iter: 10, threads: 1);
    }

    [Theory]
    [InlineData(NormPlacement.Output)]
    [InlineData(NormPlacement.Pre)]
    public void ATokenNeverAffectsLogitsBeforeIt(NormPlacement placement)
    {
        using var model = TestModels.Create(TestModels.Config(2, placement), 10);
        Gen.Select(Mixed, Gen.Int[0, 1000]).Sample((s, at) =>
        {
            using var scope = NewDisposeScope();
            var position = at % s.Tokens.Length;
            var changed = (long[])s.Tokens.Clone();
            changed[position] = (changed[position] + 7) % 50;
            var otherModalities = (byte[])s.Modalities.Clone();
            otherModalities[position] ^= 1;
            var before = TestModels.Run(model, s.Tokens, s.Modalities);
            var after = TestModels.Run(model, changed, otherModalities);
            var earlierSame = position == 0 || TestModels.Difference(before[.., ..position], after[.., ..position]) < Exact;
            return earlierSame && TestModels.Difference(before[.., position..], after[.., position..]) > 1e-6;
        }, iter: 10, threads: 1);
    }

    [Fact]
    public void ModalityWithoutTokensGetsExactlyZeroGradientAndChangesNoOther()
    {
        using var scope = NewDisposeScope();
        using var mot = TestModels.Create(TestModels.Config(3), 11);
        using var two = TestModels.Create(TestModels.Config(2), 12);
        TestModels.CopyTowers(mot, two, tower => tower);
        long[] tokens = [1, 2, 3, 4, 5, 6], targets = [2, 3, 4, 5, 6, 7];
        byte[] modalities = [0, 0, 1, 1, 0, 1];
        foreach (var model in (MotModel[])[mot, two])
            new NextTokenLoss().Compute(model, new Batch(1, 6, tokens, modalities, targets, new byte[6])).Total.backward();

        var gradients = two.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!);
        foreach (var (name, parameter) in mot.named_parameters())
        {
            Assert.NotNull(parameter.grad);
            if (gradients.TryGetValue(name, out var expected))
                Assert.True(TestModels.Difference(expected, parameter.grad) < Exact, name);
            else
                Assert.Equal(0, parameter.grad.count_nonzero().item<long>());
        }
    }

    [Fact]
    public void GradientsEqualFiniteDifferences()
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Create(TestModels.Config(2), 13);
        var batch = new Batch(1, 6, [1, 2, 3, 4, 5, 6], [0, 1, 1, 0, 1, 0], [2, 3, 4, 5, Batch.IgnoredTarget, 7], new byte[6]);
        var objective = new NextTokenLoss(zLossWeight: 0.01);
        objective.Compute(model, batch).Total.backward();
        using var _ = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            var flat = parameter.view(-1);
            var at = flat.shape[0] / 3;
            var old = flat[at].ToDouble();
            double Loss(double value)
            {
                flat[at] = tensor(value, ScalarType.Float64);
                return objective.Compute(model, batch).Total.ToDouble();
            }
            var numeric = (Loss(old + 1e-6) - Loss(old - 1e-6)) / 2e-6;
            flat[at] = tensor(old, ScalarType.Float64);
            var analytic = parameter.grad!.reshape(-1)[at].ToDouble();
            Assert.True(Math.Abs(numeric - analytic) < 1e-5 * (1 + Math.Abs(analytic)), $"{name}: {numeric} and {analytic}");
        }
    }

    [Fact]
    public void Bf16ComputeStaysCloseToFp32()
    {
        using var scope = NewDisposeScope();
        var config = TestModels.Config(2);
        using var wide = new MotModel(config, CPU, new Generator(14));
        using var narrow = new MotModel(config, CPU, new Generator(14), ScalarType.BFloat16);
        long[] tokens = [.. Enumerable.Range(0, 40).Select(i => (long)(i * 7 % 50))];
        byte[] modalities = [.. tokens.Select(t => (byte)(t % 2))];
        var expected = TestModels.Run(wide, tokens, modalities);
        var actual = TestModels.Run(narrow, tokens, modalities);
        Assert.Equal(ScalarType.BFloat16, actual.dtype);
        Assert.True(TestModels.Difference(expected, actual.to(ScalarType.Float32)) < 2e-2 * expected.abs().max().ToDouble());
    }

    [Fact]
    public void SameSeedDrawsTheSameWeights()
    {
        using var a = new MotModel(TestModels.Config(), CPU, new Generator(15));
        using var b = new MotModel(TestModels.Config(), CPU, new Generator(15));
        foreach (var (x, y) in a.parameters().Zip(b.parameters()))
            Assert.Equal(x, y);
    }

    private static Gen<(long[] Tokens, byte[] Modalities)> Sequence(int modalities) =>
        Gen.Select(Gen.Long[0, 49], Gen.Byte[0, (byte)(modalities - 1)]).Array[1, 12].Select(a => (a.Select(p => p.Item1).ToArray(), a.Select(p => p.Item2).ToArray()));

    private static double DifferenceOn(MotModel a, MotModel b, long[] tokens, byte[] modalities, byte[]? modalitiesOfB = null)
    {
        using var scope = NewDisposeScope();
        return TestModels.Difference(TestModels.Run(a, tokens, modalities), TestModels.Run(b, tokens, modalitiesOfB ?? modalities));
    }
}
