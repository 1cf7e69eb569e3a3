using CsCheck;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Generation;

public sealed class TokenSamplerTests
{
    private static readonly Gen<float[]> Logits = Gen.OneOf(Gen.Float[-6, 6], Gen.Int[-2, 2].Select(i => (float)i)).Array[1, 30]; // some with ties

    private static readonly Gen<SamplingRule> Rules = Gen.Select(Gen.Double[0.2, 2], Gen.Int[0, 32], Gen.OneOf(Gen.Double[0.05, 0.99], Gen.Const(1.0)))
        .Select((t, k, p) => new SamplingRule { Temperature = t, TopK = k, TopP = p });

    private readonly TokenSampler _sampler = new();

    [Fact]
    public void DrawsEqualTheDefinitionsOfTemperatureTopKAndTopP() =>
        Gen.Select(Logits, Rules, Gen.Long).Sample((logits, rule, seed) =>
            _sampler.Sample(logits, rule, new SeededRandom(seed)) == NaiveSampler.Draw(logits, rule, new SeededRandom(seed)), iter: 3000, threads: 1);

    [Fact]
    public void FrequenciesFollowTheProbabilities()
    {
        float[] logits = [1, 0.5f, 0.5f, -1, 2, float.NegativeInfinity, 1.5f];
        var rule = new SamplingRule { Temperature = 0.8, TopK = 5, TopP = 0.95 };
        var (random, counts) = (new SeededRandom(3), new int[logits.Length]);
        for (var i = 0; i < 40_000; i++)
            counts[_sampler.Sample(logits, rule, random)]++;
        var expected = NaiveSampler.Probabilities(logits, rule);
        for (var i = 0; i < logits.Length; i++)
            Assert.Equal(expected[i], counts[i] / 40_000.0, 0.01);
    }

    [Fact]
    public void GreedyIsTheLargestLogitAndTheLowestIdAmongEquals()
    {
        var random = new SeededRandom(4);
        Assert.Equal(1, _sampler.Sample([0, 3, -1, 3], SamplingRule.Greedy, random));
        Assert.Equal(new SeededRandom(4).NextBits(), random.NextBits()); // and it draws nothing
    }

    [Fact]
    public void TopKOfOneIsGreedy() =>
        Gen.Select(Logits, Gen.Long).Sample((logits, seed) =>
            _sampler.Sample(logits, new SamplingRule { TopK = 1 }, new SeededRandom(seed)) == _sampler.Sample(logits, SamplingRule.Greedy, new SeededRandom(0)), threads: 1);

    [Fact]
    public void AnExtremeTemperatureStaysFinite()
    {
        Assert.Equal(2, _sampler.Sample([1, 2, 3], new SamplingRule { Temperature = 1e-30 }, new SeededRandom(5)));
        Assert.InRange(_sampler.Sample([1e30f, -1e30f, 0], new SamplingRule { Temperature = 1e30 }, new SeededRandom(5)), 0, 2);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void ALogitThatIsNoNumberIsAnError(float bad)
    {
        var error = Assert.Throws<MotException>(() => _sampler.Sample([0, bad, 1], new(), new SeededRandom(6)));
        Assert.Contains("load another checkpoint", error.Message);
    }

    [Fact]
    public void NoAllowedTokenIsAnError() =>
        Assert.Throws<MotException>(() => _sampler.Sample([float.NegativeInfinity], new(), new SeededRandom(7)));
}
