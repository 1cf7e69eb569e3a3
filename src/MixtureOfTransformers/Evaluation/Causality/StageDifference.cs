// Legend: N packed tokens, D width of a stage.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Causality;

/// <summary>The stages of one pass, kept to compare others with.</summary>
/// <param name="baseline">The stages, [N, D] each; must live as long as this.</param>
/// <param name="tokens">The tokens that count: what comes out for padding does not matter.</param>
internal sealed class StageDifference(IReadOnlyList<Tensor> baseline, int[] tokens)
{
    /// <summary>The largest absolute output of each stage.</summary>
    public double[] Scale { get; } = [.. baseline.Select(stage_ND => Largest(stage_ND)).Select(largest_N => tokens.Max(i => largest_N[i]))];

    /// <summary>The largest absolute change of each token's output at each stage.</summary>
    /// <exception cref="ArgumentException">The pass has other stages or other tokens.</exception>
    public double[][] To(IReadOnlyList<Tensor> other)
    {
        if (other.Count != baseline.Count || other.Zip(baseline).Any(pair => !pair.First.shape.SequenceEqual(pair.Second.shape)))
            throw new ArgumentException("a forward pass must give the same stages of the same shape for every batch of one shape", nameof(other));
        using var scope = NewDisposeScope();
        return [.. baseline.Zip(other, (a_ND, b_ND) => Largest(a_ND - b_ND))];
    }

    /// <summary>The largest absolute change at each stage.</summary>
    public double[] LargestTo(IReadOnlyList<Tensor> other) => [.. To(other).Select(moves_N => tokens.Max(i => moves_N[i]))];

    private static double[] Largest(Tensor x_ND)
    {
        using var scope = NewDisposeScope();
        return x_ND.abs().amax([-1]).to(ScalarType.Float64).cpu().data<double>().ToArray();
    }
}
