using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Tokenizers;

public sealed class CodebookAveragesTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly Generator _generator = new(3);

    public void Dispose()
    {
        _generator.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void UpdatesEqualANaiveRunningAverage()
    {
        const int K = 5, D = 3, N = 40;
        const double Decay = 0.9;
        using var quantizer = new VectorQuantizer(K, D);
        using var averages = new CodebookAverages(quantizer, Decay, _generator);
        averages.Initialize(randn(N, D, generator: _generator), N);
        var count = averages.Counts.data<float>().Select(c => (double)c).ToArray();
        var sum = Rows(quantizer.Codebook).Select((row, k) => row.Select(v => v * count[k]).ToArray()).ToArray();
        for (var step = 0; step < 4; step++)
        {
            var z = randn(N, D, generator: _generator);
            var codes = quantizer.Nearest(z).Codes;
            averages.Update(z, codes);
            var (vectors, chosen) = (Rows(z), codes.data<long>().ToArray());
            for (var k = 0; k < K; k++)
            {
                var own = vectors.Where((_, n) => chosen[n] == k).ToArray();
                count[k] = (Decay * count[k]) + ((1 - Decay) * own.Length);
                for (var d = 0; d < D; d++)
                    sum[k][d] = (Decay * sum[k][d]) + ((1 - Decay) * own.Sum(v => v[d]));
                Assert.All(sum[k].Zip(Rows(quantizer.Codebook)[k]), pair => Assert.Equal(pair.First / count[k], pair.Second, 1e-4));
            }
        }
    }

    [Fact]
    public void CodebookStartsAtTheCentresOfTheData()
    {
        using var quantizer = new VectorQuantizer(4, 2);
        using var averages = new CodebookAverages(quantizer, 0.9, _generator);
        var centres = tensor(new float[,] { { 0, 0 }, { 10, 0 }, { 0, 10 }, { 10, 10 } });
        averages.Initialize(centres.repeat(50, 1) + (randn(200, 2, generator: _generator) * 0.01), 20);
        Assert.All(quantizer.Nearest(centres).Distances.data<float>().ToArray(), d => Assert.InRange(d, 0, 0.01f));
        Assert.Equal(20, averages.Counts.sum().item<float>(), 1e-3f);
    }

    [Fact]
    public void FewerVectorsThanCodesAreEnoughToStart()
    {
        using var quantizer = new VectorQuantizer(32, 2);
        using var averages = new CodebookAverages(quantizer, 0.9, _generator);
        var z = ones(3, 2);
        averages.Initialize(z, 3);
        Assert.Equal(0, quantizer.Nearest(z).Distances.max().item<float>(), 1e-6f);
        Assert.True(quantizer.Codebook.isfinite().all().item<bool>());
    }

    [Fact]
    public void DeadCodesMoveToVectorsThatNoCodeFits()
    {
        using var quantizer = new VectorQuantizer(3, 2);
        using var averages = new CodebookAverages(quantizer, 0.5, _generator);
        averages.Initialize(tensor(new float[,] { { 0, 0 }, { 1, 0 }, { 0, 1 } }).repeat(4, 1), 12);
        var near = tensor(new float[,] { { 0, 0 }, { 1, 0 } }).repeat(6, 1);
        for (var step = 0; step < 12; step++)
            averages.Update(near, quantizer.Nearest(near).Codes);
        var z = cat([near, full(1, 2, 9f)]);
        Assert.Equal(1, averages.ReviveDead(z, quantizer.Nearest(z).Distances));
        Assert.Equal(0, quantizer.Nearest(z).Distances.max().item<float>(), 1e-4f);
        Assert.Equal(0, averages.ReviveDead(z, quantizer.Nearest(z).Distances));
    }

    [Fact]
    public void RevivedCodesSurviveTheNextUpdate()
    {
        using var quantizer = new VectorQuantizer(2, 1);
        using var averages = new CodebookAverages(quantizer, 0.5, _generator);
        averages.Initialize(tensor(new float[,] { { 0 }, { 5 } }).repeat(4, 1), 8);
        var z = zeros(8, 1);
        for (var step = 0; step < 12; step++)
            averages.Update(z, quantizer.Nearest(z).Codes);
        var far = cat([z, full(1, 1, -7f)]);
        averages.ReviveDead(far, quantizer.Nearest(far).Distances);
        averages.Update(far, quantizer.Nearest(far).Codes);
        Assert.Equal(0, quantizer.Nearest(far).Distances.max().item<float>(), 1e-4f);
    }

    private static float[][] Rows(Tensor matrix) => [.. matrix.contiguous().data<float>().ToArray().Chunk((int)matrix.shape[1])];
}
