using CsCheck;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>Towers of unequal width that share heads, as in pi-0.</summary>
public sealed class UnequalTowersTests
{
    private static readonly Gen<(long[] Tokens, byte[] Modalities)> Mixed =
        Gen.Select(Gen.Long[0, 49], Gen.Byte[0, 1]).Array[1, 12].Select(a => (a.Select(p => p.Item1).ToArray(), a.Select(p => p.Item2).ToArray()));

    [Theory]
    [InlineData(NormPlacement.Output, true)]
    [InlineData(NormPlacement.Pre, true)]
    [InlineData(NormPlacement.Output, false)]
    public void TheModelEqualsATokenByTokenLoop(NormPlacement placement, bool kernels)
    {
        using var model = TestModels.Create(Narrow(placement), 1);
        var naive = new NaiveMot(model);
        using var off = kernels ? null : FusedKernels.Off();
        Mixed.Sample(sample =>
        {
            using var scope = NewDisposeScope();
            var expected = naive.Logits(sample.Tokens, sample.Modalities).SelectMany(row => row).ToArray();
            return TestModels.Difference(TestModels.Run(model, sample.Tokens, sample.Modalities).reshape(-1), tensor(expected)) < 1e-10;
        }, iter: 5, threads: 1);
    }

    [Fact]
    public void ATowerMayDifferInItsFeedForwardWidthAlone()
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Create(TestModels.Config() with { TowerFeedForwardDims = [48, 16], Untied = UntiedParts.FeedForward }, 2);
        long[] tokens = [1, 2, 3, 4, 5];
        byte[] modalities = [0, 1, 1, 0, 1];
        var expected = new NaiveMot(model).Logits(tokens, modalities).SelectMany(row => row).ToArray();
        Assert.True(TestModels.Difference(TestModels.Run(model, tokens, modalities).reshape(-1), tensor(expected)) < 1e-10);
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-4)]
    [InlineData(ScalarType.BFloat16, 5e-2)]
    public void LossAndGradientsOnTheKernelsAreThoseOfFloat64(ScalarType computeType, double tolerance)
    {
        using var scope = NewDisposeScope();
        var config = Narrow() with { Dim = 64, TowerDims = [64, 32], ExplicitHeadDim = 32, TowerFeedForwardDims = [96, 32] };
        var exact = TestModels.Create(config, 3);
        var own = new MotModel(config, CPU, null, computeType);
        TestModels.CopyTowers(exact, own, tower => tower);
        FusedLaw.AssertClose("loss", Loss(exact, imageTokens: true), Loss(own, imageTokens: true), tolerance / 10);
        Loss(exact, imageTokens: true).backward();
        Loss(own, imageTokens: true).backward();
        foreach (var ((name, a), (_, b)) in exact.named_parameters().Zip(own.named_parameters()))
            FusedLaw.AssertClose(name, a.grad!, b.grad!, tolerance);
    }

    [Fact]
    public void GradientsEqualFiniteDifferences()
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Create(Narrow(), 4);
        Loss(model, imageTokens: true).backward();
        using var _ = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            var (flat, analytic) = (parameter.view(-1), parameter.grad!.reshape(-1));
            var at = analytic.abs().argmax().item<long>();
            var old = flat[at].ToDouble();
            double At(double value)
            {
                flat[at] = tensor(value, ScalarType.Float64);
                return Loss(model, imageTokens: true).ToDouble();
            }
            var numeric = (At(old + 1e-6) - At(old - 1e-6)) / 2e-6;
            flat[at] = tensor(old, ScalarType.Float64);
            Assert.True(Math.Abs(numeric - analytic[at].ToDouble()) < 1e-5 * (1 + Math.Abs(numeric)), $"{name}: {numeric} and {analytic[at].ToDouble()}");
        }
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    public void AColumnThatANarrowTowerDoesNotUseStaysZero(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Create(Narrow(), 5, dtype);
        using var routing = model.Route([0, 1, 1, 0, 1]);
        using var context = new AttentionContext(model.Config, 1, 5, CPU, dtype);
        var states = model.HiddenStates(tensor(new long[] { 1, 2, 3, 4, 5 }, [1, 5]), routing, context);
        Assert.Equal(0, states[2.., 16..].count_nonzero().item<long>());
        Assert.NotEqual(0, states[..2, 16..].count_nonzero().item<long>());
        states.square().sum().backward();
        Assert.Equal(0, model.get_parameter("tok_embeddings")!.grad![2, 16..].count_nonzero().item<long>());
    }

    [Fact]
    public void ATowerWithoutTokensGetsExactlyZeroGradient()
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Create(Narrow(), 6, ScalarType.Float32);
        Loss(model, imageTokens: false).backward();
        foreach (var (name, parameter) in model.named_parameters().Where(p => p.name.Replace("layers.1.", "").Contains(".1.")))
            Assert.True(parameter.grad is { } gradient && gradient.count_nonzero().item<long>() == 0, name);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void EqualWidthsSaidInFullAreTheSameModelBitForBit(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var config = TestModels.Config();
        using var plain = TestModels.Create(config, 7, dtype);
        using var said = TestModels.Create(config with { TowerDims = [32, 32], TowerFeedForwardDims = [48, 48], ExplicitHeadDim = 8 }, 7, dtype);
        var (a, b) = (Loss(plain, imageTokens: true), Loss(said, imageTokens: true));
        FusedLaw.AssertSameBits(a.detach(), b.detach());
        a.backward();
        b.backward();
        foreach (var (x, y) in plain.parameters().Zip(said.parameters()))
            FusedLaw.AssertSameBits(x.grad!, y.grad!);
    }

    [Fact]
    public void TheModelIsBuiltWithTheParametersAndFlopsThatAreCounted()
    {
        using var scope = NewDisposeScope();
        var pi0 = new MotConfig { VocabularySize = 257_152, Dim = 2048, LayerCount = 18, HeadCount = 8, KeyValueHeadCount = 1, ExplicitHeadDim = 256, TowerDims = [2048, 1024], TowerFeedForwardDims = [16_384, 4096], NormPlacement = NormPlacement.Pre, QkNorm = QkNorm.None };
        foreach (var config in new[] { pi0, Narrow(), Narrow() with { TowerFeedForwardDims = [] }, Narrow() with { ExplicitHeadDim = 24 } })
        {
            using var model = new MotModel(config, META, generator: null);
            Assert.Equal(ParameterCount.Of(config).Total, model.parameters().Sum(p => p.numel()));
        }
        Assert.Equal(18L * ((2048 * 256 * 18) + (3L * 2048 * 16_384)), ParameterCount.Of(pi0).Activated - (2L * 257_152 * 2048) - (37 * 2048));
        var narrow = Flops.PerToken(pi0, 1, tower: 1);
        Assert.Equal(2.0 * 18 * ((1024 * 256 * 18) + (3 * 1024 * 4096)), narrow.Projections);
        Assert.Equal(4.0 * 18 * 8 * 256, narrow.Attention);
    }

    [Fact]
    public void ProductsMultiplyWhatIsCountedForEachTower()
    {
        using var model = TestModels.Create(Narrow(), 8);
        Mixed.Sample(sample =>
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            TowerProduct.ForwardFlops = 0;
            TestModels.Run(model, sample.Tokens, sample.Modalities);
            return TowerProduct.ForwardFlops == sample.Modalities.Sum(m => Flops.PerTokenCausal(model.Config, 1, m).Projections);
        }, iter: 10, threads: 1);
    }

    [Fact]
    public void AnActivationTermCountsTheWidthsOfItsTower()
    {
        var config = Narrow();
        long Elements(int tower) => ActivationMemory.PerLayer(config, tower).Sum(term => term.Elements);
        Assert.Equal((4 * (32 - 16)) + (3 * (48 - 24)), Elements(0) - Elements(1));
        Assert.Equal(ActivationMemory.LayerBytesPerToken(config with { TowerDims = [], TowerFeedForwardDims = [] }, 4), ActivationMemory.LayerBytesPerToken(config, 4));
    }

    [Fact]
    public void WhatCannotBeUnequalIsRefusedWithARemedy()
    {
        AssertRefused(Narrow() with { Untied = UntiedParts.FeedForward }, "cannot share weights");
        AssertRefused(Narrow() with { TowerDims = [16, 16] }, "the largest is dim 32");
        AssertRefused(Narrow() with { TowerDims = [32] }, "each of the 2 towers");
        AssertRefused(Narrow() with { TowerFeedForwardDims = [16, 0] }, "tower_feed_forward_dims [16, 0]");
        AssertRefused(TestModels.Config() with { TowerFeedForwardDims = [48, 16], Untied = UntiedParts.QueryKeyValue }, "add feed_forward");
        AssertRefused(Narrow() with { Experts = [4, 1] }, "experts need towers of equal width");
        AssertRefused(TestModels.Config() with { ExplicitHeadDim = 7 }, "head_dim = 7 must be even");
    }

    private static MotConfig Narrow(NormPlacement placement = NormPlacement.Output) => TestModels.Config(norm: placement) with { TowerDims = [32, 16], TowerFeedForwardDims = [48, 24] };

    private static Tensor Loss(MotModel model, bool imageTokens)
    {
        byte[] modalities = imageTokens ? [0, 1, 1, 0, 1, 0, 1, 1] : new byte[8];
        return new NextTokenLoss().Compute(model, new Batch(1, 8, [1, 2, 3, 4, 5, 6, 7, 8], modalities, [2, 3, 4, 5, Batch.IgnoredTarget, 7, 8, 9], new byte[8])).Total;
    }

    private static void AssertRefused(MotConfig config, string words) => Assert.Contains(words, Assert.Throws<ConfigException>(config.Validate).Message);
}
