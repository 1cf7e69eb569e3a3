using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>RMSNorm, SwiGLU and rotary embedding against the reference vectors.</summary>
public sealed class GoldenModuleTests
{
    private const double Tolerance = 1e-5;

    [Fact]
    public void RmsNormReproducesTheReference()
    {
        using var scope = NewDisposeScope();
        using var golden = Open("rmsnorm");
        using var norm = new RmsNorm(16, 1e-5, CPU);
        Load(norm, ("weight", golden.Read("w.weight")));
        var x = golden.Read("in.x").requires_grad_(true);
        var y = norm.call(x);
        (y * golden.Read("in.R")).sum().backward();
        AssertClose(golden.Read("out.y"), y);
        AssertClose(golden.Read("grad.x"), x.grad!);
        AssertClose(golden.Read("grad.weight"), norm.parameters().Single().grad!);
    }

    [Fact]
    public void FeedForwardReproducesTheReference()
    {
        using var scope = NewDisposeScope();
        using var golden = Open("swiglu");
        using var feedForward = new FeedForward(16, 24, CPU);
        Load(feedForward, ("w13.weight", cat([golden.Read("w.w1"), golden.Read("w.w3")])), ("w2.weight", golden.Read("w.w2")));
        var x = golden.Read("in.x").requires_grad_(true);
        var y = feedForward.call(x);
        (y * golden.Read("in.R")).sum().backward();
        AssertClose(golden.Read("out.y"), y);
        AssertClose(golden.Read("grad.x"), x.grad!);
        AssertClose(cat([golden.Read("grad.w1"), golden.Read("grad.w3")]), feedForward.W13.Weight.grad!);
        AssertClose(golden.Read("grad.w2"), feedForward.W2.Weight.grad!);
    }

    [Fact]
    public void RotaryEmbeddingReproducesTheHalfSplitReference()
    {
        using var scope = NewDisposeScope();
        using var golden = Open("rope");
        using var rotary = new RotaryEmbedding(golden.Read("in.pos").to(ScalarType.Int64), 8, 10_000, ScalarType.Float32);
        var q = golden.Read("in.q").requires_grad_(true);
        var y = rotary.Apply(q);
        (y * golden.Read("in.R")).sum().backward();
        AssertClose(golden.Read("out.rotate_half"), y);
        AssertClose(golden.Read("grad.rotate_half"), q.grad!);
    }

    private static SafetensorsFile Open(string name) => Safetensors.Load(Path.Combine(AppContext.BaseDirectory, "Golden", $"{name}.safetensors"));

    private static void Load(nn.Module module, params (string Name, Tensor Value)[] values)
    {
        using var _ = no_grad();
        var parameters = module.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Assert.Equal(values.Select(v => v.Name).Order(), parameters.Keys.Order());
        foreach (var (name, value) in values)
            parameters[name].copy_(value);
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        var error = (expected - actual).abs().max().ToDouble();
        Assert.True(error <= Tolerance * expected.abs().max().ToDouble(), $"off by {error:g3}");
    }
}
