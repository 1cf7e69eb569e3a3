using MixtureOfTransformers.Evaluation.Analysis;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Evaluation.Analysis;

public sealed class ModalitySeparationTests
{
    private const int Dim = 16;

    [Fact]
    public void OneDistributionForAllIsNotSeparated()
    {
        using var scope = NewDisposeScope();
        var found = Measure(Normal(400, seed: 1), Normal(400, seed: 2))!;
        Assert.InRange(found.Score, 0, 0.005); // without the correction it would be about 1 / 400
        Assert.InRange(found.NearestMeanAccuracy, 0.4, 0.6);
    }

    [Fact]
    public void OneStateForEachModalityIsPerfectlySeparated()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(new ModalitySeparation(1, null, 1), Measure(ones(10, Dim), zeros(7, Dim), -ones(5, Dim)));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(2)]
    [InlineData(5)]
    public void TwoSpheresHaveTheScoreOfTheirDistance(double half)
    {
        using var scope = NewDisposeScope();
        var found = Measure(Normal(3000, seed: 3, shift: half), Normal(3000, seed: 4, shift: -half))!;
        var ratio = half * half / Dim; // tr S_B = half², tr S_W = Dim
        Assert.Equal(ratio / (1 + ratio), found.Score, 0.01);
        Assert.Equal(ratio, found.FisherRatio!.Value, 0.05);
        Assert.InRange(found.NearestMeanAccuracy, half < 1 ? 0.6 : 0.95, half < 1 ? 0.75 : 1); // Φ(half)
    }

    [Fact]
    public void NeitherTurningMovingScalingNorRenumberingChangesTheScore()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var (a, b) = (Normal(200, seed: 6, shift: 2), Normal(300, seed: 7));
        var (turn, _) = linalg.qr(randn(Dim, Dim, dtype: ScalarType.Float64, generator: generator));
        Tensor Moved(Tensor x) => (x.mm(turn) * 3) + 10;
        var (plain, moved) = (Measure(a, b)!, Measure(Moved(b), Moved(a))!);
        Assert.Equal(plain.Score, moved.Score, 1e-9);
        Assert.Equal(plain.NearestMeanAccuracy, moved.NearestMeanAccuracy, 1e-9);
    }

    [Fact]
    public void ARareModalityCountsAsMuchAsACommonOne()
    {
        using var scope = NewDisposeScope();
        var equal = Measure(Normal(2000, seed: 8, shift: 3), Normal(2000, seed: 9))!;
        var rare = Measure(Normal(2000, seed: 8, shift: 3), Normal(100, seed: 9))!;
        Assert.Equal(equal.Score, rare.Score, 0.02);
    }

    [Fact]
    public void OneModalityIsNotSeparatedFromAnything()
    {
        using var scope = NewDisposeScope();
        Assert.Null(Measure(Normal(10, seed: 1)));
        Assert.Null(Measure(Normal(10, seed: 1), Normal(1, seed: 2))); // one token has no variance
    }

    private static ModalitySeparation? Measure(params Tensor[] classes) =>
        ModalitySeparation.Measure(cat([.. classes], 0), [.. classes.SelectMany((x, m) => Enumerable.Repeat((byte)m, (int)x.shape[0]))]);

    /// <summary>Standard normal states, moved along the first axis.</summary>
    private static Tensor Normal(int count, int seed, double shift = 0)
    {
        using var generator = new Generator((ulong)seed);
        var x = randn(count, Dim, dtype: ScalarType.Float64, generator: generator);
        x[.., 0] += shift;
        return x;
    }
}
