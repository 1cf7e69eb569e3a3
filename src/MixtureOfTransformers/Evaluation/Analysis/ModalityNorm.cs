// Legend: n tokens of one modality, D width of the states.
using MixtureOfTransformers.Data;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>How large the states of one modality are at one stage. Modalities that share weights may outgrow each other until bf16 is too coarse; the norm of the last layer's
/// output shows it long before the loss does (Chameleon, arXiv:2405.09818, §2.3).</summary>
/// <param name="Modality">The modality.</param>
/// <param name="Tokens">Tokens measured on.</param>
/// <param name="Rms">Root of the mean square of an element; the mean L2 norm of a state is about √D times it.</param>
/// <param name="Largest">The largest absolute element.</param>
public sealed record ModalityNorm(ModalityId Modality, int Tokens, double Rms, double Largest)
{
    /// <summary>Measures.</summary>
    /// <param name="modality">What they are states of.</param>
    /// <param name="states">[n, D], n at least 1.</param>
    public static ModalityNorm Of(ModalityId modality, Tensor states)
    {
        using var scope = NewDisposeScope();
        var x_nD = states.to(ScalarType.Float64);
        return new(modality, (int)x_nD.shape[0], Math.Sqrt(x_nD.square().mean().item<double>()), x_nD.abs().max().item<double>());
    }
}
