namespace MixtureOfTransformers.Models;

/// <summary>One thing that is kept for the backward pass, for each token.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Elements">Elements in the compute dtype.</param>
/// <param name="Fp32Elements">Elements that are fp32 whatever the compute dtype.</param>
internal readonly record struct ActivationTerm(string Name, long Elements, long Fp32Elements = 0)
{
    /// <summary>Bytes for each token.</summary>
    /// <param name="computeBytes">Bytes of the compute dtype.</param>
    public long BytesPerToken(int computeBytes) => (Elements * computeBytes) + (Fp32Elements * sizeof(float));
}
