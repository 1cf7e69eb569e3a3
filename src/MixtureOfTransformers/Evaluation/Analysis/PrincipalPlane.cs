// Legend: n tokens, D width of the states.
using System.Collections.Immutable;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>States projected on the plane in which they vary most (PCA), as in Fig. 2 of arXiv:2411.04996.</summary>
/// <param name="VarianceShares">The share of the variance along each of the two axes, 0 to 1.</param>
/// <param name="Points">Some of the states.</param>
public sealed record PrincipalPlane(ImmutableArray<double> VarianceShares, ImmutableArray<PlanePoint> Points)
{
    /// <summary>Finds the plane of all states.</summary>
    /// <param name="states">One state a token, [n, D], any dtype; at least two tokens.</param>
    /// <param name="modalities">The modality index of each token.</param>
    /// <param name="pointsPerModality">States to keep of each modality, evenly picked.</param>
    public static PrincipalPlane Of(Tensor states, ReadOnlySpan<byte> modalities, int pointsPerModality)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var x_nD = states.to(ScalarType.Float64).cpu();
        var centred_nD = x_nD - x_nD.mean([0], keepdim: true);
        var (variance_D, axes_DD) = linalg.eigh(centred_nD.t().mm(centred_nD) / Math.Max(1, x_nD.shape[0] - 1)); // ascending
        var axes_D2 = axes_DD[.., ^2..].flip(1);
        var sign_2 = axes_D2.gather(0, axes_D2.abs().argmax(0, keepdim: true)).sign(); // an axis has no direction: its largest component is made positive
        var projected = centred_nD.mm(axes_D2 * sign_2).contiguous().data<double>().ToArray();
        var all = variance_D.sum().item<double>();
        double[] shares = [.. variance_D[^2..].flip(0).clamp(0).data<double>().ToArray().Select(variance => all > 0 ? variance / all : 0)];
        var points = modalities.ToArray().Select((modality, i) => new PlanePoint(modality, (float)projected[2 * i], (float)projected[(2 * i) + 1]));
        return new([.. shares], [.. points.GroupBy(point => point.Modality).OrderBy(group => group.Key).SelectMany(group => Html.Thinning.Pick([.. group], pointsPerModality))]);
    }
}
