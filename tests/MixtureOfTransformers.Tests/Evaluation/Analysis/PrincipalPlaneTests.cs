using MixtureOfTransformers.Evaluation.Analysis;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Evaluation.Analysis;

public sealed class PrincipalPlaneTests
{
    [Fact]
    public void StatesOfAPlaneKeepTheirDistances()
    {
        using var scope = NewDisposeScope();
        var flat = Random(40, 2, seed: 1) * tensor(new double[] { 5, 2 });
        var (turn, _) = linalg.qr(Random(9, 9, seed: 2));
        var plane = PrincipalPlane.Of(flat.mm(turn[..2]) + 3, new byte[40], 40);
        var found = tensor(plane.Points.SelectMany(p => new double[] { p.X, p.Y }).ToArray()).reshape(40, 2);
        Assert.True((cdist(found, found) - cdist(flat, flat)).abs().max().ToDouble() < 1e-4);
        Assert.Equal(1, plane.VarianceShares.Sum(), 1e-9);
    }

    [Fact]
    public void TheFirstAxisIsThatOfTheLargestVariance()
    {
        using var scope = NewDisposeScope();
        var x = Random(500, 6, seed: 3) * tensor(new double[] { 1, 1, 4, 1, 2, 1 });
        var plane = PrincipalPlane.Of(x, new byte[500], 500);
        Assert.Equal(16.0 / 24, plane.VarianceShares[0], 0.05);
        Assert.Equal(4.0 / 24, plane.VarianceShares[1], 0.03);
        Assert.All(plane.Points.Zip(Enumerable.Range(0, 500)), p => Assert.Equal(x[p.Second, 2].ToDouble() - x[.., 2].mean().ToDouble(), p.First.X, 0.6));
    }

    [Fact]
    public void TheOrderOfTheTokensDoesNotMatter()
    {
        using var scope = NewDisposeScope();
        var x = Random(30, 8, seed: 4);
        var (forwards, backwards) = (PrincipalPlane.Of(x, new byte[30], 30), PrincipalPlane.Of(x.flip(0), new byte[30], 30));
        Assert.All(forwards.Points.Zip(backwards.Points.Reverse()), pair => Assert.Equal((pair.First.X, pair.First.Y), (pair.Second.X, pair.Second.Y), Close));
    }

    [Fact]
    public void PointsArePickedFromEachModality()
    {
        using var scope = NewDisposeScope();
        var plane = PrincipalPlane.Of(Random(50, 4, seed: 5), [.. Enumerable.Range(0, 50).Select(i => (byte)(i < 45 ? 0 : 1))], 10);
        Assert.Equal([10, 5], plane.Points.CountBy(p => p.Modality).Select(pair => pair.Value));
    }

    private static bool Close((float X, float Y) a, (float X, float Y) b) => Math.Abs(a.X - b.X) + Math.Abs(a.Y - b.Y) < 1e-4;

    private static Tensor Random(int rows, int columns, int seed)
    {
        using var generator = new Generator((ulong)seed);
        return randn(rows, columns, dtype: ScalarType.Float64, generator: generator);
    }
}
