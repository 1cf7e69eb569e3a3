using MixtureOfTransformers.Data;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Objectives;

public sealed class CosineDiffusionTests
{
    private readonly CosineDiffusion _noise = new();

    [Fact]
    public void TheScheduleIsThatOfTheReference()
    {
        using var golden = Golden();
        var expected = golden.Read("alphas_cumprod").data<float>().ToArray();
        for (var t = 0; t < expected.Length; t++) // the reference counts from 0
            Assert.Equal(expected[t], Math.Pow(_noise.At((t + 1) / 1000.0).Signal, 2), 1e-6 * expected[t]);
    }

    [Fact]
    public void NoisedImagesAreThoseOfTheReference()
    {
        using var scope = NewDisposeScope();
        using var golden = Golden();
        var times = golden.Read("in.t").data<long>().ToArray();
        for (var row = 0; row < times.Length; row++)
        {
            var mix = _noise.At((times[row] + 1) / 1000.0);
            var noised = (golden.Read("in.x0")[row] * mix.Signal) + (golden.Read("in.eps")[row] * mix.Noise);
            Assert.True(allclose(golden.Read("out.x_t")[row], noised, rtol: 1e-5, atol: 1e-6));
        }
    }

    [Fact]
    public void SignalFallsFromTheWholeImageToAlmostNone()
    {
        var signals = Enumerable.Range(0, 1001).Select(t => _noise.At(t / 1000.0).Signal).ToArray();
        Assert.Equal(1, signals[0]);
        Assert.InRange(signals[1], 0.999, 1);
        Assert.InRange(signals[^1], 0, 1e-3);
        Assert.All(signals.Zip(signals.Skip(1)), pair => Assert.True(pair.First > pair.Second));
        Assert.All(Enumerable.Range(0, 1001), t => Assert.Equal(1, Math.Pow(_noise.At(t / 1000.0).Signal, 2) + Math.Pow(_noise.At(t / 1000.0).Noise, 2), 1e-12));
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(0.5, 500)]
    [InlineData(0.001, 1)]
    public void LevelsAreDrawnEvenlyUpToTheLimit(double limit, int highest)
    {
        var random = new SeededRandom(1);
        var drawn = Enumerable.Range(0, 20_000).Select(_ => (int)Math.Round(_noise.Draw(random, limit) * 1000)).ToArray();
        Assert.InRange(drawn.Min(), 1, 1 + (highest / 100));
        Assert.InRange(drawn.Max(), highest - (highest / 100), highest);
        Assert.InRange(drawn.Average(), (highest + 1) * 0.49, (highest + 1) * 0.51);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(250)]
    [InlineData(1000)]
    public void SamplingFallsFromTheTopToTheImage(int steps)
    {
        var levels = _noise.Levels(steps);
        Assert.Equal(steps + 1, levels.Length);
        Assert.Equal((1, 0), (levels[0], levels[^1]));
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.First > pair.Second));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void ItHasNoMoreLevelsThanSteps(int steps) => Assert.Throws<ConfigException>(() => _noise.Levels(steps));

    internal static SafetensorsFile Golden() => Safetensors.Load(Path.Combine(AppContext.BaseDirectory, "Golden", "ddpm_cosine.safetensors"));
}
