using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

public sealed class UpcyclingTests
{
    private static readonly byte[] Modalities = [.. Enumerable.Range(0, 18).Select(i => (byte)(i / 4 % 2))];
    private static readonly long[] Tokens = [.. Enumerable.Range(0, 18).Select(i => (long)i * 7 % 50)];

    [Theory]
    [InlineData(NormPlacement.Output)]
    [InlineData(NormPlacement.Pre)]
    public void TowersThatBeginAsTheDenseModelGiveItsLogits(NormPlacement norm)
    {
        using var scope = NewDisposeScope();
        var config = TestModels.Config(norm: norm);
        using var dense = TestModels.Create(config.AsDense(), 1);
        using var mot = TestModels.Create(config, 2);
        Upcycling.Apply(dense, mot);
        Assert.True(TestModels.Difference(TestModels.Run(dense, Tokens, Modalities), TestModels.Run(mot, Tokens, Modalities)) < 1e-12);
    }

    [Fact]
    public void EveryExpertBeginsAsTheLayerOfItsModality()
    {
        using var scope = NewDisposeScope();
        var config = Architectures.Apply("untied-ffn", TestModels.Config());
        using var source = TestModels.Create(config, 1);
        using var moma = TestModels.Create(Architectures.Apply("moma-3t2i", config), 2);
        var router = Weight(moma, "layers.0.feed_forward.0.router.weight").clone();
        Upcycling.Apply(source, moma);
        for (var tower = 0; tower < 2; tower++)
            for (var expert = 0; expert < 3 - tower; expert++)
                Assert.Equal(0, TestModels.Difference(Weight(source, $"layers.1.feed_forward.{tower}.w2.weight"), Weight(moma, $"layers.1.feed_forward.{tower}.experts.{expert}.w2.weight")));
        Assert.Equal(0, TestModels.Difference(Weight(source, "layers.1.wqkv.0.weight"), Weight(moma, "layers.1.wqkv.0.weight")));
        Assert.Equal(0, TestModels.Difference(router, Weight(moma, "layers.0.feed_forward.0.router.weight")));
    }

    private static Tensor Weight(MotModel model, string name) => model.get_parameter(name)!;

    [Fact]
    public void AnotherShapeIsRefused()
    {
        using var small = TestModels.Create(TestModels.Config(), 1);
        using var wide = TestModels.Create(TestModels.Config() with { FeedForwardDim = 64 }, 1);
        Assert.Contains("same vocabulary", Assert.Throws<ConfigException>(() => Upcycling.Apply(small, wide)).Message);
    }

    [Theory]
    [InlineData("mot", "dense")]
    [InlineData("mot", "untied-ffn")]
    [InlineData("moe-4x", "moe-2x")]
    [InlineData("moe-2x", "moe-4x")]
    public void WeightsAreNeverMergedOrLost(string from, string to)
    {
        using var source = TestModels.Create(Architectures.Apply(from, TestModels.Config()), 1);
        using var target = TestModels.Create(Architectures.Apply(to, TestModels.Config()), 2);
        Assert.Throws<ConfigException>(() => Upcycling.Apply(source, target));
    }

    [Fact]
    public void NoiseFollowsItsSeedWhetherGradientsAreOnOrNot()
    {
        using var scope = NewDisposeScope();
        var config = Architectures.Apply("moe-4x", TestModels.Config()) with { ExpertChoice = new() { GumbelNoise = true } };
        using var model = TestModels.Create(config, 1);
        var plain = TestModels.Run(model, Tokens, Modalities);
        var first = Noisy(5);
        Assert.Equal(0, TestModels.Difference(first, Noisy(5)));
        Assert.True(TestModels.Difference(first, Noisy(6)) > 1e-3);
        Assert.True(TestModels.Difference(first, plain) > 1e-3);
        using (no_grad()) // as when layers run again in backward
            Assert.Equal(0, TestModels.Difference(first, Noisy(5)));
        model.NoiseSeed = null;
        Assert.Equal(0, TestModels.Difference(plain, TestModels.Run(model, Tokens, Modalities)));

        Tensor Noisy(ulong seed)
        {
            model.NoiseSeed = seed;
            return TestModels.Run(model, Tokens, Modalities);
        }
    }
}
