// Legend: B rows, T queries, S keys, H query heads, G key/value heads, K head width.
using static TorchSharp.torch;

#pragma warning disable RS0030 // libtorch's kernel is banned everywhere else

namespace MixtureOfTransformers.Models;

/// <summary>Scaled dot-product attention, softmax(q kᵀ / √K + mask) v; the only caller of libtorch's kernel.</summary>
public static class Attention
{
    /// <summary>Attends.</summary>
    /// <param name="q_BHTK">Queries.</param>
    /// <param name="k_BGSK">Keys; G divides H, each key/value head serves H / G query heads.</param>
    /// <param name="v_BGSK">Values.</param>
    /// <param name="allowed">Boolean mask that broadcasts to [B, H, T, S], true where attention is allowed; null for none.</param>
    /// <param name="causal">Query t sees keys 0…t; needs T = S and no mask.</param>
    /// <returns>[B, H, T, K], owned by the caller's scope.</returns>
    public static Tensor Attend(Tensor q_BHTK, Tensor k_BGSK, Tensor v_BGSK, Tensor? allowed, bool causal)
    {
        var groups = q_BHTK.shape[1] / k_BGSK.shape[1];
        if (groups == 1)
            return nn.functional.scaled_dot_product_attention(q_BHTK, k_BGSK, v_BGSK, allowed!, 0.0, causal);
        using var k_BHSK = k_BGSK.repeat_interleave(groups, 1);
        using var v_BHSK = v_BGSK.repeat_interleave(groups, 1);
        return nn.functional.scaled_dot_product_attention(q_BHTK, k_BHSK, v_BHSK, allowed!, 0.0, causal);
    }
}
