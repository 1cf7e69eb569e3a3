using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Storage;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Generation;

public sealed class DenoisingStepTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<INoiseProcess> Processes { get; } = [new CosineDiffusion(), new RectifiedFlow(2), new RectifiedFlow(fromNoise: true)];

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Processes))]
    public void ANoisedImageIsTakenApartAgain(INoiseProcess noise)
    {
        var (clean, epsilon) = (randn(50, ScalarType.Float64), randn(50, ScalarType.Float64));
        foreach (var level in noise.Levels(10)[..^1])
        {
            var mix = noise.At(level);
            var (image, noisePart) = new DenoisingStep(noise, null).Split((clean * mix.Signal) + (epsilon * mix.Noise), (clean * noise.Target.Signal) + (epsilon * noise.Target.Noise), level);
            Assert.True(allclose(clean, image, atol: 1e-6), $"image at {level}");
            Assert.True(allclose(epsilon, noisePart, atol: 1e-6), $"noise at {level}");
        }
    }

    [Fact]
    public void OneStepOfDdpmIsThePosteriorOfTheReference()
    {
        using var golden = Safetensors.Load(Path.Combine(AppContext.BaseDirectory, "Golden", "ddpm_cosine.safetensors"));
        var (noise, times, variances) = (new CosineDiffusion(), golden.Read("in.t").data<long>().ToArray(), golden.Read("posterior_variance").to(ScalarType.Float64).data<double>().ToArray());
        var step = new DenoisingStep(noise, null);
        for (var row = 0; row < times.Length; row++)
        {
            var (from, to) = ((times[row] + 1) / 1000.0, times[row] / 1000.0);
            Tensor Read(string name) => golden.Read(name)[row].to(ScalarType.Float64);
            var (clean, noisePart) = step.Split(Read("out.x_t"), Read("in.eps_pred"), from);
            var (mean, deviation) = step.Ancestor(clean, noisePart, from, to);
            AssertClose(Read("out.x0_hat"), clean, 1e-4);
            AssertClose(Read("out.posterior_mean"), mean, 1e-4);
            Assert.Equal(variances[times[row]], deviation * deviation, 1e-6);
        }
    }

    [Fact]
    public void ImagesAreClippedAndTheNoiseKeepsTheSum()
    {
        var noise = new CosineDiffusion();
        var (noised, mix) = (randn(100, ScalarType.Float64), noise.At(0.9));
        var (clean, noisePart) = new DenoisingStep(noise, 1).Split(noised, zeros(100, ScalarType.Float64), 0.9);
        Assert.Equal(1, clean.abs().max().ToDouble());
        AssertClose(noised, (clean * mix.Signal) + (noisePart * mix.Noise), 1e-12);
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance) =>
        Assert.True((expected - actual).abs().max().ToDouble() <= tolerance * Math.Max(1, expected.abs().max().ToDouble()));
}
