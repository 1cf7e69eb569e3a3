// Legend: n tokens, n_m tokens of one modality, D width of the states.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>How far the states of different modalities lie apart at one stage of a model.</summary>
/// <remarks>The score is the share of the variance of states that lies between modalities, tr S_B / tr (S_B + S_W), with each modality counted alike: the correlation ratio η² of
/// several variables, and Fisher's criterion J = tr S_B / tr S_W (Annals of Eugenics 7, 1936, 179-188) mapped to [0, 1) as J / (1 + J). The part of S_B that finite samples
/// of one and the same distribution would show is subtracted first (Kelley, PNAS 21, 1935, 554-559).</remarks>
/// <param name="Score">0 where all modalities have the same mean state; 1 where all tokens of a modality have the same state, and those differ.</param>
/// <param name="FisherRatio">J = tr S_B / tr S_W, 0 upwards; null where nothing varies within modalities.</param>
/// <param name="NearestMeanAccuracy">The share of tokens whose nearest mean state, over the other half of the tokens, is that of their own modality, averaged over modalities;
/// 1 / modalities is chance.</param>
public sealed record ModalitySeparation(double Score, double? FisherRatio, double NearestMeanAccuracy)
{
    /// <summary>Measures.</summary>
    /// <param name="states">One state a token, [n, D], any dtype.</param>
    /// <param name="modalities">The modality index of each token.</param>
    /// <returns>Null where fewer than two modalities have two tokens.</returns>
    public static ModalitySeparation? Measure(Tensor states, ReadOnlySpan<byte> modalities)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var x_nD = states.to(ScalarType.Float64);
        var indices = modalities.ToArray().Select((modality, i) => (modality, i)).GroupBy(pair => pair.modality, pair => (long)pair.i).OrderBy(group => group.Key)
            .Select(group => group.ToArray()).Where(group => group.Length > 1).ToArray();
        if (indices.Length < 2)
            return null;
        Tensor[] classes = [.. indices.Select(rows => x_nD.index_select(0, tensor(rows, device: x_nD.device)))];
        var (between, within) = Scatter(classes);
        return new(between + within > 0 ? between / (between + within) : 0, within > 0 ? between / within : null, Accuracy(classes));
    }

    /// <summary>tr S_B and tr S_W, each modality with the same weight; neither biased by the number of tokens.</summary>
    private static (double Between, double Within) Scatter(Tensor[] classes)
    {
        var means_MD = stack([.. classes.Select(x_nD => x_nD.mean([0]))]);
        double[] variances = [.. classes.Select(x_nD => x_nD.var(0, unbiased: true).sum().item<double>())];
        var spread = (means_MD - means_MD.mean([0], keepdim: true)).square().sum().item<double>() / classes.Length;
        var byChance = variances.Zip(classes, (variance, x_nD) => variance / x_nD.shape[0]).Sum() * (classes.Length - 1) / (classes.Length * (double)classes.Length);
        return (Math.Max(0, spread - byChance), variances.Average());
    }

    private static double Accuracy(Tensor[] classes)
    {
        double Correct(int of, int against)
        {
            var means_MD = stack([.. classes.Select(x_nD => Half(x_nD, against).mean([0]))]);
            return classes.Select((x_nD, m) => cdist(Half(x_nD, of), means_MD).argmin(1).eq(m).to(ScalarType.Float64).mean().item<double>()).Average();
        }
        return (Correct(0, 1) + Correct(1, 0)) / 2;
    }

    /// <summary>Every second token from <paramref name="first"/> on.</summary>
    private static Tensor Half(Tensor x_nD, int first) => x_nD.slice(0, first, x_nD.shape[0], 2);
}
