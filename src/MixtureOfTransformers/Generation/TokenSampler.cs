// Legend: C candidates.
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Generation;

/// <summary>Draws one token from logits by inverting the cumulative distribution at one uniform number of the caller's stream.</summary>
/// <remarks>On the host and row by row, so that a draw depends on its own logits and stream alone: never on the device or on other rows. Candidates are
/// summed in id order even after a cut, so that logits that differ in the last bit rarely change the draw. Keeps its buffers; not thread-safe.</remarks>
public sealed class TokenSampler
{
    private double[] _weights = [];
    private ulong[] _ranks = [];
    private ulong[] _sorted = [];

    /// <summary>Draws an index into <paramref name="logits_C"/>.</summary>
    /// <param name="logits_C">Logits of the candidates in id order; minus infinity forbids one.</param>
    /// <param name="rule">How to draw.</param>
    /// <param name="random">The sequence's stream; advanced by one number, or not at all when greedy.</param>
    /// <exception cref="MotException">A logit is not a number, or all are minus infinity.</exception>
    public int Sample(ReadOnlySpan<float> logits_C, SamplingRule rule, SeededRandom random)
    {
        var best = Best(logits_C);
        if (rule.Temperature == 0)
            return best;
        if (_weights.Length < logits_C.Length)
            (_weights, _ranks, _sorted) = (new double[logits_C.Length], new ulong[logits_C.Length], new ulong[logits_C.Length]);
        var weights = _weights.AsSpan(0, logits_C.Length);
        for (var i = 0; i < weights.Length; i++)
            weights[i] = Math.Exp((logits_C[i] - logits_C[best]) / rule.Temperature);
        Cut(logits_C, weights, rule);

        var left = random.NextUnit() * Sum(weights);
        var drawn = best;
        for (var i = 0; i < weights.Length; i++)
            if (weights[i] > 0)
            {
                drawn = i;
                left -= weights[i];
                if (left < 0)
                    break;
            }
        return drawn;
    }

    private static int Best(ReadOnlySpan<float> logits_C)
    {
        var best = 0;
        for (var i = 0; i < logits_C.Length; i++)
        {
            if (float.IsNaN(logits_C[i]) || float.IsPositiveInfinity(logits_C[i]))
                throw new MotException($"the model gave a logit of {logits_C[i]}; its weights are damaged or overflow the compute dtype: load another checkpoint, or compute in fp32");
            if (logits_C[i] > logits_C[best])
                best = i;
        }
        return logits_C.IsEmpty || float.IsNegativeInfinity(logits_C[best]) ? throw new MotException("no token is allowed here; every candidate's logit is minus infinity") : best;
    }

    /// <summary>Sets the weight of what the rule excludes to zero.</summary>
    private void Cut(ReadOnlySpan<float> logits_C, Span<double> weights, SamplingRule rule)
    {
        var kept = rule.TopK == 0 ? weights.Length : Math.Min(rule.TopK, weights.Length);
        if (kept == weights.Length && rule.TopP >= 1)
            return;
        var ranks = _ranks.AsSpan(0, weights.Length);
        for (var i = 0; i < ranks.Length; i++)
            ranks[i] = ((ulong)Descending(logits_C[i]) << 32) | (uint)i; // equal logits rank by id
        var sorted = _sorted.AsSpan(0, weights.Length);
        ranks.CopyTo(sorted);
        sorted.Sort();

        if (rule.TopP < 1)
            kept = Nucleus(weights, sorted[..kept], rule.TopP);
        for (var i = 0; i < weights.Length; i++)
            if (ranks[i] > sorted[kept - 1])
                weights[i] = 0;
    }

    /// <summary>How many of the first candidates it takes to reach the share <paramref name="topP"/> of their sum; at least one.</summary>
    private static int Nucleus(ReadOnlySpan<double> weights, ReadOnlySpan<ulong> sorted, double topP)
    {
        var total = 0.0;
        foreach (var rank in sorted)
            total += weights[(int)(uint)rank];
        var sum = 0.0;
        for (var count = 0; count < sorted.Length; count++)
            if ((sum += weights[(int)(uint)sorted[count]]) >= topP * total)
                return count + 1;
        return sorted.Length;
    }

    /// <summary>Bits that sort as unsigned integers from the largest number to the smallest.</summary>
    private static uint Descending(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value == 0 ? 0 : value); // both zeros are equal
        return (bits & 0x8000_0000) == 0 ? ~(bits | 0x8000_0000) : bits;
    }

    private static double Sum(ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        foreach (var weight in weights)
            sum += weight;
        return sum;
    }
}
