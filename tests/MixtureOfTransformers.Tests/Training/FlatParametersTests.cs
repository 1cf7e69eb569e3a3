using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Training;

public sealed class FlatParametersTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void ParametersKeepTheirValuesAndFollowTheBuffer()
    {
        var module = new TestModule(("a", arange(6).to(ScalarType.Float32).reshape(2, 3)), ("b", ones(5)));
        using var parameters = new FlatParameters(module);
        Assert.Equal([0f, 1, 2, 3, 4, 5], module["a"].data<float>().ToArray());
        using (no_grad())
            parameters.Values.add_(1);
        Assert.Equal([1f, 2, 3, 4, 5, 6], module["a"].data<float>().ToArray());
        Assert.Equal(2, module["b"][4].item<float>());
        Assert.Equal(2, module.state_dict()["b"][4].item<float>());
    }

    [Fact]
    public void BackwardAddsIntoTheBuffer()
    {
        var module = new TestModule(("a", ones(2, 3)), ("b", ones(5)));
        using var parameters = new FlatParameters(module);
        for (var i = 0; i < 3; i++)
            (module["a"].sum() + (2 * module["b"].sum())).backward();
        Assert.Equal([3f, 3, 3, 3, 3, 3], parameters.Views(parameters.Gradients)["a"].data<float>().ToArray());
        Assert.Equal((6 * 3f) + (5 * 6f), parameters.Gradients.sum().item<float>());
    }

    [Fact]
    public void SegmentsAreAlignedAndMatricesComeFirst()
    {
        using var parameters = new FlatParameters(new TestModule(("norm", ones(5)), ("weight", ones(3, 3)), ("bias", ones(1)), ("head", ones(2, 2))));
        Assert.Equal(["weight", "head", "norm", "bias"], parameters.Segments.Select(s => s.Name));
        Assert.Equal([0, 16, 32, 48], parameters.Segments.Select(s => s.Offset));
        Assert.Equal(32, parameters.MatrixLength);
    }

    [Fact]
    public void ClippingReproducesTheReference()
    {
        using var golden = Safetensors.Load(Path.Combine(AppContext.BaseDirectory, "Golden", "clip_grad_norm.safetensors"));
        foreach (var limit in new[] { 1, 100 })
        {
            var module = new TestModule(("a", zeros(3, 4)), ("b", zeros(5)));
            using var parameters = new FlatParameters(module);
            module["a"].grad!.copy_(golden.Read("in.a"));
            module["b"].grad!.copy_(golden.Read("in.b"));
            using var norm = parameters.GradientNorm();
            parameters.Gradients.mul_(FlatParameters.ClipScale(norm.ToDouble(), limit));
            Assert.Equal(golden.Read("out.norm").item<float>(), norm.item<float>(), 1e-5);
            foreach (var name in new[] { "a", "b" })
                Assert.True(golden.Read($"out.{name}_max{limit}").allclose(module[name].grad!, 1e-6, 1e-7));
        }
    }

    [Fact]
    public void ParametersOfDifferentTypesAreRefused() =>
        Assert.Throws<ArgumentException>(() => new FlatParameters(new TestModule(("a", ones(2, 2)), ("b", ones(2, ScalarType.Float64)))));

    [Fact]
    public void ModuleOutlivesTheBuffers()
    {
        var module = new TestModule(("a", ones(2, 3)));
        new FlatParameters(module).Dispose();
        Assert.Equal(6, module["a"].sum().item<float>());
    }
}
