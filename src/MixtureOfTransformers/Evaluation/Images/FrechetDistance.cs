// Legend: N, M items, F features.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Images;

/// <summary>How far two sets lie apart in features: the Fréchet distance of the Gaussians that fit them (Heusel et al. 2017), |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½). With the features of
/// Inception it is the published FID. Few items make it larger, so only sets of equal size compare.</summary>
public static class FrechetDistance
{
    /// <summary>Between two sets of features.</summary>
    /// <param name="first_NF">[N, F], N at least 2, any float dtype; stays the caller's.</param>
    /// <param name="second_MF">[M, F], M at least 2; stays the caller's.</param>
    public static double Between(Tensor first_NF, Tensor second_MF)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ((mean1_F, covariance1_FF), (mean2_F, covariance2_FF)) = (Fit(first_NF), Fit(second_MF));
        return OfGaussians(mean1_F, covariance1_FF, mean2_F, covariance2_FF);
    }

    /// <summary>Between two Gaussians.</summary>
    /// <param name="mean1_F">[F] of float64; all stay the caller's.</param>
    /// <param name="covariance1_FF">[F, F] of float64, symmetric.</param>
    /// <param name="mean2_F">[F].</param>
    /// <param name="covariance2_FF">[F, F].</param>
    public static double OfGaussians(Tensor mean1_F, Tensor covariance1_FF, Tensor mean2_F, Tensor covariance2_FF)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        // Σ₁Σ₂ has the eigenvalues of the symmetric Σ₁^½ Σ₂ Σ₁^½, and the trace of a root is the sum of the roots of eigenvalues.
        var root_FF = Root(covariance1_FF);
        var (eigenvalues_F, _) = linalg.eigh(root_FF.matmul(covariance2_FF).matmul(root_FF));
        var distance = (mean1_F - mean2_F).square().sum() + covariance1_FF.trace() + covariance2_FF.trace() - (2 * eigenvalues_F.clamp_min(0).sqrt().sum());
        return Math.Max(0, distance.item<double>());
    }

    private static (Tensor Mean_F, Tensor Covariance_FF) Fit(Tensor x_NF)
    {
        x_NF = x_NF.to(ScalarType.Float64).cpu();
        var mean_F = x_NF.mean([0L]);
        var centred_NF = x_NF - mean_F;
        return (mean_F, centred_NF.t().matmul(centred_NF) / (x_NF.shape[0] - 1));
    }

    /// <summary>The symmetric root of a symmetric positive semidefinite matrix.</summary>
    private static Tensor Root(Tensor matrix_FF)
    {
        var (values_F, vectors_FF) = linalg.eigh(matrix_FF);
        return (vectors_FF * values_F.clamp_min(0).sqrt()).matmul(vectors_FF.t());
    }
}
