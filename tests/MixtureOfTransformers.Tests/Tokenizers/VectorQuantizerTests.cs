using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Tokenizers;

public sealed class VectorQuantizerTests
{
    [Fact]
    public void EveryVectorGetsItsNearestCode()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        using var quantizer = new VectorQuantizer(7, 3);
        quantizer.Codebook.copy_(randn(7, 3, generator: generator));
        var z = randn(50, 3, generator: generator);
        var (codes, distances) = quantizer.Nearest(z);
        var (vectors, book) = (Rows(z), Rows(quantizer.Codebook));
        for (var n = 0; n < 50; n++)
        {
            var naive = book.Select(code => code.Zip(vectors[n], (a, b) => (a - b) * (a - b)).Sum()).ToArray();
            Assert.Equal(Array.IndexOf(naive, naive.Min()), codes[n].item<long>());
            Assert.Equal(naive.Min(), distances[n].item<float>(), 1e-4f);
        }
    }

    [Fact]
    public void CodesAreTheirOwnNearest()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(6);
        using var quantizer = new VectorQuantizer(9, 4);
        quantizer.Codebook.copy_(randn(9, 4, generator: generator));
        var all = arange(9);
        Assert.Equal(all.data<long>().ToArray(), quantizer.Nearest(quantizer.Lookup(all)).Codes.data<long>().ToArray());
    }

    [Fact]
    public void GradientPassesStraightThrough()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        var z = randn(4, 3, generator: generator).requires_grad_();
        var (q, weight) = (randn(4, 3, generator: generator), randn(4, 3, generator: generator));
        var passed = VectorQuantizer.StraightThrough(z, q);
        (passed * weight).sum().backward();
        Assert.True(passed.allclose(q));
        Assert.Equal(weight.data<float>().ToArray(), z.grad!.data<float>().ToArray());
    }

    private static float[][] Rows(Tensor matrix) => [.. matrix.contiguous().data<float>().ToArray().Chunk((int)matrix.shape[1])];
}
