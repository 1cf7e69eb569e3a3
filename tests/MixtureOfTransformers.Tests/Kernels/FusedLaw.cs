using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

/// <summary>The law of every fused function: its result and all its gradients are those of the composed expression in float64.</summary>
internal static class FusedLaw
{
    /// <summary>Of the largest value, for results in fp32.</summary>
    public const double Fp32Tolerance = 1e-5;

    /// <summary>Of the largest value, for results in bf16.</summary>
    public const double Bf16Tolerance = 1e-2;

    public static double Tolerance(ScalarType dtype) => dtype == ScalarType.BFloat16 ? Bf16Tolerance : Fp32Tolerance;

    public static void Check(Func<Tensor[], Tensor> fused, Func<Tensor[], Tensor> composed, Tensor[] inputs, double tolerance)
    {
        using var scope = NewDisposeScope();
        Tensor[] own = [.. inputs.Select(x => x.detach().clone().requires_grad_(true))];
        Tensor[] exact = [.. inputs.Select(x => x.detach().to(ScalarType.Float64).clone().requires_grad_(true))];
        var (y, expected) = (fused(own), composed(exact));
        AssertClose("result", expected, y, tolerance);

        var dy = Random(y.shape, 99, y.dtype);
        (y * dy).sum().backward();
        (expected * dy.to(ScalarType.Float64)).sum().backward();
        for (var i = 0; i < inputs.Length; i++)
        {
            Assert.True(own[i].grad is not null, $"input {i} has no gradient");
            Assert.Equal(own[i].dtype, own[i].grad!.dtype);
            AssertClose($"gradient of input {i}", exact[i].grad!, own[i].grad!, tolerance);
        }
    }

    /// <summary>The result and the gradients of all inputs, owned by the caller's scope.</summary>
    public static Tensor[] Run(Func<Tensor[], Tensor> fused, Tensor[] inputs)
    {
        using var scope = NewDisposeScope();
        Tensor[] own = [.. inputs.Select(x => x.detach().clone().requires_grad_(true))];
        var y = fused(own);
        (y * Random(y.shape, 99, y.dtype)).sum().backward();
        return [.. own.Select(x => x.grad!).Prepend(y.detach()).Select(x => x.clone().MoveToOuterDisposeScope())];
    }

    public static void AssertClose(string what, Tensor expected, Tensor actual, double tolerance)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        var (exact, own) = (expected.detach().cpu().to(ScalarType.Float64), actual.detach().cpu().to(ScalarType.Float64));
        var (error, scale) = exact.numel() == 0 ? (0, 0) : ((exact - own).abs().max().ToDouble(), exact.abs().max().ToDouble());
        Assert.True(error <= tolerance * scale, $"{what}: off by {error:g3} where the largest value is {scale:g3}"); // NaN fails too
    }

    public static void AssertSameBits(Tensor expected, Tensor actual) => Assert.True(expected.bytes.SequenceEqual(actual.bytes));

    public static Tensor Random(long[] shape, int seed, ScalarType dtype = ScalarType.Float32)
    {
        using var generator = new Generator((ulong)seed);
        using var x = randn(shape, generator: generator);
        return x.to(dtype, copy: true);
    }

    /// <summary>Weights of norms, away from 1.</summary>
    public static Tensor[] NormWeights(int count, int width, int seed) => [.. Enumerable.Range(0, count).Select(i => 1 + (0.3 * Random([width], seed + i)))];
}
