using MixtureOfTransformers.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Tokenizers;

/// <summary>What a VAE is trained on: a sample of the posterior, and the divergence with its weight.</summary>
public sealed class ImageVaeLossTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void SamplesHaveMeanAndDeviationOfThePosterior()
    {
        using var generator = new Generator(1);
        var sample = new LatentPosterior(full(20_000, 3.0), full(20_000, Math.Log(0.25))).Sample(generator);
        Assert.Equal(3, sample.mean().ToSingle(), 0.02);
        Assert.Equal(0.5, sample.std().ToSingle(), 0.01);
    }

    /// <summary>Against the integral of p (ln p − ln q) by sums over a fine grid.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1.5, 1)]
    [InlineData(0, 0.3)]
    [InlineData(-0.7, 2)]
    public void TheDivergenceIsTheIntegralThatItStandsFor(double mean, double deviation)
    {
        static double Density(double x, double mean, double deviation) => Math.Exp(-0.5 * Math.Pow((x - mean) / deviation, 2)) / (deviation * Math.Sqrt(2 * Math.PI));
        const double Width = 0.001;
        var integral = Enumerable.Range(-20_000, 40_000).Select(i => i * Width).Sum(x =>
            Density(x, mean, deviation) is > 1e-200 and var p ? p * (Math.Log(p) - Math.Log(Density(x, 0, 1))) * Width : 0);
        Assert.Equal(integral, new LatentPosterior(full(1, mean), full(1, 2 * Math.Log(deviation))).Divergence().ToSingle(), 1e-4);
    }

    [Fact]
    public void ImagesAreMadeFromSamplesAndTheDivergenceCountsByItsWeight()
    {
        var x_BCHW = ImageTensors.Normalize(ImageTensors.Stack(SampleImages.Rectangles(32, 1), SampleImages.VaeConfig.ImageShape, "a test of"));
        using var network = new ImageVaeNetwork(SampleImages.VaeConfig);
        using var start = new Generator(1);
        network.Initialize(x_BCHW, start);
        (double Loss, double Error) Of(double weight, ulong seed)
        {
            using var generator = new Generator(seed);
            var (loss, error) = ImageVaeTrainer.Loss(network, x_BCHW, weight, generator);
            return (loss.ToDouble(), error.ToDouble());
        }
        Assert.Equal(Of(0, 1), Of(0, 1));
        Assert.NotEqual(Of(0, 1).Error, Of(0, 2).Error); // other samples
        var mean = (network.Decode(network.Encode(x_BCHW).Mean) - x_BCHW).square().mean().ToDouble();
        Assert.True(Of(0, 1).Error > 1.01 * mean, $"{Of(0, 1).Error} with noise, {mean} without");
        var divergence = network.Encode(x_BCHW).Divergence().ToDouble();
        Assert.Equal(0.25 * divergence, Of(0.25, 1).Loss - Of(0, 1).Loss, 1e-4);

        ImageVaeTrainer.Loss(network, x_BCHW, 0, start).Loss.backward();
        var gradient_E = network.named_parameters().Single(p => p.name == "encoder.linear.bias").parameter.grad!;
        Assert.True(gradient_E.narrow(0, SampleImages.VaeConfig.LatentDim, SampleImages.VaeConfig.LatentDim).abs().min().ToSingle() > 0); // errors reach the variance too
    }
}
