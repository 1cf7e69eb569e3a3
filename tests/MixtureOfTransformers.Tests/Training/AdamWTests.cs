using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Training;

public sealed class AdamWTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void FiveUpdatesReproduceTheReference()
    {
        using var golden = Safetensors.Load(Path.Combine(AppContext.BaseDirectory, "Golden", "adamw.safetensors"));
        var module = new TestModule(("weight", golden.Read("in.p0")));
        using var parameters = new FlatParameters(module);
        using var optimizer = new AdamW(parameters, new());
        for (var step = 0; step < 5; step++)
        {
            module["weight"].grad!.copy_(golden.Read("in.grads")[step]);
            optimizer.Step(1e-3);
            AssertClose(golden.Read("out.p")[step], module["weight"]);
            AssertClose(golden.Read("out.m")[step], parameters.Views(optimizer.FirstMoments)["weight"]);
            AssertClose(golden.Read("out.v")[step], parameters.Views(optimizer.SecondMoments)["weight"]);
        }
    }

    [Theory]
    [InlineData(false, 1.0)]
    [InlineData(true, 0.95)]
    public void VectorsDecayOnlyWhenAsked(bool decayAll, double expected)
    {
        var module = new TestModule(("norm", ones(3)), ("weight", ones(2, 2)));
        using var parameters = new FlatParameters(module);
        using var optimizer = new AdamW(parameters, new() { WeightDecay = 0.1, DecayAll = decayAll });
        optimizer.Step(0.5);
        Assert.Equal(expected, module["norm"][0].item<float>(), 1e-6);
        Assert.Equal(0.95, module["weight"][0, 0].item<float>(), 1e-6);
    }

    [Fact]
    public void ParametersWithoutGradientStillDecayAndFollowTheirMoments()
    {
        var module = new TestModule(("weight", ones(2, 2)));
        using var parameters = new FlatParameters(module);
        using var optimizer = new AdamW(parameters, new());
        module["weight"].grad!.fill_(1);
        optimizer.Step(0.1);
        var (weight, moment) = (module["weight"][0, 0].item<float>(), optimizer.FirstMoments[0].item<float>());
        optimizer.Step(0.1);
        Assert.Equal(moment * 0.9f, optimizer.FirstMoments[0].item<float>(), 1e-7);
        Assert.True(module["weight"][0, 0].item<float>() < weight * (1 - (0.1f * 0.1f)));
    }

    [Fact]
    public void StepLeavesGradientsZero()
    {
        var module = new TestModule(("weight", ones(2, 2)));
        using var parameters = new FlatParameters(module);
        using var optimizer = new AdamW(parameters, new());
        module["weight"].grad!.fill_(1);
        optimizer.Step(0.1);
        Assert.Equal(0, parameters.Gradients.abs().max().item<float>());
    }

    private static void AssertClose(Tensor expected, Tensor actual) =>
        Assert.True((expected - actual).abs().max().ToDouble() <= 1e-6 * expected.abs().max().ToDouble(), $"off by {(expected - actual).abs().max().ToDouble():g3}");
}
