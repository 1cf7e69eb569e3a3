// Legend: Q query heads that share one key/value head, S keys, K head width.
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>Attention of one new token over cached keys and values, for one key/value head; softmax and sums in fp32.</summary>
internal static unsafe class TokenAttention<TCache>
    where TCache : unmanaged, INumberFormat<TCache>
{
    /// <summary>a = softmax(q kᵀ / √K) v.</summary>
    /// <param name="q_QK">Queries.</param>
    /// <param name="heads">Q.</param>
    /// <param name="headDim">K, a multiple of sixteen.</param>
    /// <param name="k_SK">Keys, the new token's last.</param>
    /// <param name="v_SK">Values.</param>
    /// <param name="count">S, at least one.</param>
    /// <param name="scores_QS">Room for S numbers per head.</param>
    /// <param name="stride">Numbers from one head's scores to the next; S or more, a multiple of sixteen.</param>
    /// <param name="a_QK">Where the result goes.</param>
    public static void Attend(float* q_QK, int heads, int headDim, TCache* k_SK, TCache* v_SK, int count, float* scores_QS, int stride, float* a_QK)
    {
        RowProduct<TCache>.Multiply(q_QK, heads, headDim, k_SK, 0, count, scores_QS, stride);
        for (var head = 0; head < heads; head++)
        {
            var weights_S = scores_QS + ((long)head * stride);
            var sum = Exponentials(weights_S, count, 1 / MathF.Sqrt(headDim));
            for (var k = 0; k < headDim; k += VectorMath.Lanes)
                (WeightedSum(weights_S, v_SK + k, headDim, count) / sum).Store(a_QK + (head * headDim) + k);
        }
    }

    /// <summary>Turns scores s into e^(scale · (s - max)) and returns their sum.</summary>
    private static float Exponentials(float* scores_S, int count, float scale)
    {
        for (var s = count; s % VectorMath.Lanes > 0; s++)
            scores_S[s] = float.NegativeInfinity;
        var most = Vector512.Create(float.NegativeInfinity);
        for (var s = 0; s < count; s += VectorMath.Lanes)
            most = Vector512.Max(most, Vector512.Load(scores_S + s));
        var best = VectorMath.Largest(most);
        var sum = Vector512<float>.Zero;
        for (var s = 0; s < count; s += VectorMath.Lanes)
        {
            var e = VectorMath.Exp((Vector512.Load(scores_S + s) - Vector512.Create(best)) * scale);
            e.Store(scores_S + s);
            sum += e;
        }
        return Vector512.Sum(sum);
    }

    /// <summary>Sixteen columns of weights · v.</summary>
    private static Vector512<float> WeightedSum(float* weights_S, TCache* v_SK, int headDim, int count)
    {
        Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        var s = 0;
        for (; s + 4 <= count; s += 4, v_SK += 4 * headDim)
        {
            sum0 = Vector512.FusedMultiplyAdd(Vector512.Create(weights_S[s]), TCache.Load(v_SK), sum0);
            sum1 = Vector512.FusedMultiplyAdd(Vector512.Create(weights_S[s + 1]), TCache.Load(v_SK + headDim), sum1);
            sum2 = Vector512.FusedMultiplyAdd(Vector512.Create(weights_S[s + 2]), TCache.Load(v_SK + (2 * headDim)), sum2);
            sum3 = Vector512.FusedMultiplyAdd(Vector512.Create(weights_S[s + 3]), TCache.Load(v_SK + (3 * headDim)), sum3);
        }
        for (; s < count; s++, v_SK += headDim)
            sum0 = Vector512.FusedMultiplyAdd(Vector512.Create(weights_S[s]), TCache.Load(v_SK), sum0);
        return sum0 + sum1 + (sum2 + sum3);
    }
}
