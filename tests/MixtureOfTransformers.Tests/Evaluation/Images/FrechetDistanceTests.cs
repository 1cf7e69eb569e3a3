using MixtureOfTransformers.Evaluation.Images;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Evaluation.Images;

public sealed class FrechetDistanceTests
{
    [Fact]
    public void OfDiagonalCovariancesItIsThatOfEachDirection()
    {
        // |(1,2) - (3,-1)|² = 4 + 9; (√4 - √1)² + (√9 - √16)² = 1 + 1.
        Assert.Equal(15, Of([1, 2], [4, 0, 0, 9], [3, -1], [1, 0, 0, 16]), 1e-9);
    }

    [Fact]
    public void CovariancesNeedNotCommute()
    {
        // Σ₁Σ₂ = [2 1; 1 2]·[1 0; 0 4] = [2 4; 1 8] has trace 10 and determinant 12. With eigenvalues a, b: (√a + √b)² = a + b + 2√(ab) = 10 + 2√12.
        // The distance is 1 + 1 + (2 + 2) + (1 + 4) - 2√(10 + 2√12) = 2.771220.
        Assert.Equal(11 - (2 * Math.Sqrt(10 + (2 * Math.Sqrt(12)))), Of([0, 0], [2, 1, 1, 2], [1, 1], [1, 0, 0, 4]), 1e-9);
        Assert.Equal(2.771220, Of([1, 1], [1, 0, 0, 4], [0, 0], [2, 1, 1, 2]), 1e-6);
    }

    [Fact]
    public void SetsAreFittedByTheirMeanAndUnbiasedCovariance()
    {
        // Means 1 and 12, variances 2 and 8: 11² + (√2 - √8)².
        Assert.Equal(123, FrechetDistance.Between(tensor([0f, 2f]).view(2, 1), tensor([10f, 14f]).view(2, 1)), 1e-9);
    }

    [Fact]
    public void OfASetFromItselfItIsNothingEvenWithFewerItemsThanFeatures()
    {
        using var generator = new Generator(1);
        using var set_NF = randn([5, 9], generator: generator);
        Assert.Equal(0, FrechetDistance.Between(set_NF, set_NF), 1e-6);
        Assert.Equal(9 * 0.25, FrechetDistance.Between(set_NF, set_NF + 0.5), 1e-6);
    }

    private static double Of(double[] mean1, double[] covariance1, double[] mean2, double[] covariance2)
    {
        using var scope = NewDisposeScope();
        return FrechetDistance.OfGaussians(tensor(mean1), tensor(covariance1).view(2, 2), tensor(mean2), tensor(covariance2).view(2, 2));
    }
}
