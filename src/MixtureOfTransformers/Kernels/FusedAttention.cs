// Legend: N tokens, H query heads, G key/value heads, K head width, E = (H + 2G) K, D = H K. Rows are grouped by tower.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Lines 8-9 of Algorithm 1 and what surrounds them, in one operation: QK-norm, rotary embedding, restoring sequence order, attention within documents,
/// grouping again. It reads the projections and writes the attended values; nothing between them is ever a tensor.</summary>
internal sealed unsafe class FusedAttention : FusedFunction<FusedAttention, FusedAttention.Settings>
{
    /// <summary>Below it on average the matrix unit's tiles are mostly empty, and vectors of fp32 are as fast.</summary>
    private const int LeastTokensOfADocument = 64;

    /// <summary>Everything but tensors.</summary>
    /// <param name="Spans">Who sees what.</param>
    /// <param name="HeadCount">H.</param>
    /// <param name="KeyValueHeadCount">G.</param>
    /// <param name="HeadDim">K.</param>
    /// <param name="NormEpsilon">ε of the QK-norm.</param>
    /// <param name="Rotation">Cosines and sines; null for none.</param>
    /// <param name="Rows">Grouped row of each token; null where they are the same.</param>
    /// <param name="TowerOffsets">First row of each set of norm weights.</param>
    public sealed record Settings(AttentionSpans Spans, int HeadCount, int KeyValueHeadCount, int HeadDim, double NormEpsilon, RotationTable? Rotation, int[]? Rows, int[] TowerOffsets)
    {
        /// <summary>Where to keep keys and values for tokens that follow later, [B, G, C, K] each in the dtype of the projections; null for nowhere.</summary>
        public (Tensor Keys, Tensor Values)? Kept { get; init; }

        /// <summary>Whether only the last token of each document attends: the other rows of the result mean nothing. Without gradients.</summary>
        public bool LastOnly { get; init; }
    }

    /// <summary>Whether the kernel can do it: heads of whole pairs of vectors, on the CPU.</summary>
    public static bool Supports(Tensor qkv_NE, int headDim) => FusedKernels.Has(FusedKernel.Attention) && TensorMemory.IsReachable(qkv_NE) && headDim % (2 * VectorMath.Lanes) == 0;

    /// <param name="settings">Shape and order.</param>
    /// <param name="qkv_NE">Queries, keys and values as projected, [N, E], fp32 or bf16.</param>
    /// <param name="queryWeights">QK-norm weights of queries, one [K] per set; empty for no norm.</param>
    /// <param name="keyWeights">Those of keys.</param>
    /// <returns>[N, D], grouped, owned by the caller's scope; 0 for padding.</returns>
    public static Tensor Apply(Settings settings, Tensor qkv_NE, IReadOnlyList<Tensor> queryWeights, IReadOnlyList<Tensor> keyWeights) =>
        Apply(settings, [qkv_NE, .. queryWeights, .. keyWeights]);

    /// <inheritdoc/>
    protected override Tensor Forward(Settings plan, Tensor?[] inputs, List<Tensor> saved)
    {
        var qkv_NE = inputs[0]!.contiguous();
        var weights = inputs.Length > 1 ? stack(inputs[1..]!).to(ScalarType.Float32) : null;
        var count = qkv_NE.shape[0]; // more than there are tokens in documents, where rows are padded
        long[] shape = [count, plan.HeadCount * plan.HeadDim];
        var result_ND = plan.Spans.TokenCount == count ? empty(shape, qkv_NE.dtype) : zeros(shape, qkv_NE.dtype);
        var logSumExp_HN = empty(plan.HeadCount, count);
        if (qkv_NE.dtype == ScalarType.Float32)
            AttentionForward.Run(Problem<Fp32>(plan, qkv_NE, weights, result_ND, logSumExp_HN));
        else if (TakesMatrixUnit(plan, qkv_NE))
            MatrixAttentionForward.Run(Problem<Bf16>(plan, qkv_NE, weights, result_ND, logSumExp_HN));
        else
            AttentionForward.Run(Problem<Bf16>(plan, qkv_NE, weights, result_ND, logSumExp_HN));
        GC.KeepAlive(plan); // its tables are read through pointers
        saved.AddRange([qkv_NE, result_ND, logSumExp_HN]);
        if (weights is not null)
            saved.Add(weights);
        return result_ND;
    }

    /// <inheritdoc/>
    protected override Tensor?[] Backward(Settings plan, Tensor gradient, IReadOnlyList<Tensor> saved)
    {
        var (qkv_NE, result_ND, logSumExp_HN, weights) = (saved[0], saved[1], saved[2], saved.Count > 3 ? saved[3] : null);
        var dQkv_NE = plan.Spans.TokenCount == qkv_NE.shape[0] ? empty_like(qkv_NE) : zeros_like(qkv_NE);
        var dWeights = zeros(plan.Spans.Starts.Length * plan.KeyValueHeadCount, 2 * plan.TowerOffsets.Length, plan.HeadDim);
        if (qkv_NE.dtype == ScalarType.Float32)
            AttentionBackward.Run(Problem<Fp32>(plan, qkv_NE, weights, result_ND, logSumExp_HN), TensorMemory.Pointer<Fp32>(gradient), TensorMemory.Pointer<Fp32>(dQkv_NE), TensorMemory.Pointer<float>(dWeights));
        else if (TakesMatrixUnit(plan, qkv_NE))
            MatrixAttentionBackward.Run(Problem<Bf16>(plan, qkv_NE, weights, result_ND, logSumExp_HN), TensorMemory.Pointer<Bf16>(gradient), TensorMemory.Pointer<Bf16>(dQkv_NE), TensorMemory.Pointer<float>(dWeights));
        else
            AttentionBackward.Run(Problem<Bf16>(plan, qkv_NE, weights, result_ND, logSumExp_HN), TensorMemory.Pointer<Bf16>(gradient), TensorMemory.Pointer<Bf16>(dQkv_NE), TensorMemory.Pointer<float>(dWeights));
        GC.KeepAlive(plan);
        return weights is null ? [dQkv_NE] : [dQkv_NE, .. dWeights.sum([0L]).unbind(0)];
    }

    private static bool TakesMatrixUnit(Settings plan, Tensor qkv_NE) => MatrixUnit.Takes(qkv_NE) && plan.HeadDim <= MatrixAttention.WidestHead && plan.Spans.TokenCount >= LeastTokensOfADocument * plan.Spans.Starts.Length;

    private static AttentionProblem<T> Problem<T>(Settings plan, Tensor qkv_NE, Tensor? weights, Tensor result_ND, Tensor logSumExp_HN)
        where T : unmanaged, INumberFormat<T>
    {
        var queryWeights = weights is null ? null : TensorMemory.Pointer<float>(weights);
        var head = new HeadRow
        {
            Width = plan.HeadDim,
            Weights = queryWeights,
            Epsilon = (float)plan.NormEpsilon,
            Scale = 1 / MathF.Sqrt(plan.HeadDim),
            Cos = plan.Rotation is null ? null : plan.Rotation.Cos,
            Sin = plan.Rotation is null ? null : plan.Rotation.Sin,
        };
        return new()
        {
            Spans = plan.Spans,
            HeadCount = plan.HeadCount,
            KeyValueHeadCount = plan.KeyValueHeadCount,
            Query = head,
            Key = head with { Scale = 1, Weights = queryWeights is null ? null : queryWeights + (plan.TowerOffsets.Length * plan.HeadDim) },
            Rows = plan.Rows,
            TowerOffsets = plan.TowerOffsets,
            Qkv = TensorMemory.Pointer<T>(qkv_NE),
            Result = TensorMemory.Pointer<T>(result_ND),
            LogSumExp = TensorMemory.Pointer<float>(logSumExp_HN),
            TokenCount = (int)qkv_NE.shape[0],
            Kept = plan.Kept is { } kept ? Places<T>(plan, kept.Keys, kept.Values, qkv_NE.shape[0]) : default,
            LastOnly = plan.LastOnly,
        };
    }

    private static KeyValuePlaces<T> Places<T>(Settings plan, Tensor keys_BGCK, Tensor values_BGCK, long tokens)
        where T : unmanaged, INumberFormat<T> => new(TensorMemory.Pointer<T>(keys_BGCK), TensorMemory.Pointer<T>(values_BGCK),
            (int)(tokens / keys_BGCK.shape[0]), plan.KeyValueHeadCount, (int)keys_BGCK.shape[2], plan.HeadDim);
}
