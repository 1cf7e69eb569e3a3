// Legend: R queries of a block, S keys of a document (padded to whole vectors), K head width.
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>Attention, backward: the scores are computed again from the projections, so that forward keeps nothing of size tokens × tokens.</summary>
internal static unsafe class AttentionBackward
{
    /// <summary>Fills the gradient of the projections for all tokens in documents.</summary>
    /// <param name="problem">As in forward, with its results.</param>
    /// <param name="dResult">Gradient of the result, [N, D], grouped.</param>
    /// <param name="dQkv">Receives the gradient of queries, keys and values before the norm, [N, E], grouped.</param>
    /// <param name="dWeights">Receives each piece's share of the gradients of the norm weights, [pieces, 2, towers, K], queries' first. Zero on entry.</param>
    public static void Run<T>(AttentionProblem<T> problem, T* dResult, T* dQkv, float* dWeights)
        where T : unmanaged, INumberFormat<T>
    {
        var share = 2 * problem.TowerOffsets.Length * problem.HeadDim;
        Cores.For(problem.PieceCount, piece => Piece(problem, piece / problem.KeyValueHeadCount, piece % problem.KeyValueHeadCount, dResult, dQkv, dWeights + ((long)piece * share)));
    }

    private static void Piece<T>(in AttentionProblem<T> p, int document, int keyHead, T* dResult, T* dQkv, float* dWeights)
        where T : unmanaged, INumberFormat<T>
    {
        const int BlockRows = AttentionProblem<T>.BlockRows;
        var (length, width) = (p.Spans.Lengths[document], p.HeadDim);
        var padded = AttentionProblem<T>.RoundUp(length);
        var panel = padded * width;
        var k_SK = ThreadBuffer.Of((5 * panel) + (BlockRows * ((3 * width) + (2 * padded) + 1)));
        float* kt_KS = k_SK + panel, vt_KS = kt_KS + panel, dk_SK = vt_KS + panel, dv_SK = dk_SK + panel;
        float* q_RK = dv_SK + panel, dO_RK = q_RK + (BlockRows * width), dq_RK = dO_RK + (BlockRows * width);
        float* p_RS = dq_RK + (BlockRows * width), dS_RS = p_RS + (BlockRows * padded), dots_R = dS_RS + (BlockRows * padded);
        LoadKeysAndValues(p, document, keyHead, padded, k_SK, kt_KS, vt_KS);
        new Span<float>(dk_SK, 2 * panel).Clear();

        var group = p.HeadCount / p.KeyValueHeadCount;
        for (var head = keyHead * group; head < (keyHead + 1) * group; head++)
            for (var first = 0; first < length; first += BlockRows)
            {
                var rows = Math.Min(BlockRows, length - first);
                var whole = (rows + PanelProduct.RowMultiple - 1) / PanelProduct.RowMultiple * PanelProduct.RowMultiple;
                var columns = AttentionProblem<T>.RoundUp(p.Spans.Limit(document, first + rows - 1));
                AttentionForward.LoadQueries(p, document, head, first, rows, whole, q_RK);
                LoadResultGradients(p, document, head, first, rows, whole, dResult, dO_RK, dots_R);
                PanelProduct.Multiply(whole, columns, width, q_RK, width, 1, kt_KS, padded, p_RS, columns, add: false);
                PanelProduct.Multiply(whole, columns, width, dO_RK, width, 1, vt_KS, padded, dS_RS, columns, add: false);
                for (var r = 0; r < whole; r++)
                {
                    var logSumExp = *AttentionForward.LogSumExpOf(p, head, document, first + Math.Min(r, rows - 1));
                    DifferentiateSoftmax(p_RS + (r * columns), dS_RS + (r * columns), r < rows ? p.Spans.Limit(document, first + r) : 0, columns, logSumExp, dots_R[r]);
                }
                PanelProduct.Multiply(columns, width, whole, p_RS, 1, columns, dO_RK, width, dv_SK, width, add: true);
                PanelProduct.Multiply(columns, width, whole, dS_RS, 1, columns, q_RK, width, dk_SK, width, add: true);
                PanelProduct.Multiply(whole, width, columns, dS_RS, columns, 1, k_SK, width, dq_RK, width, add: false);
                HeadRows.Differentiate(p, p.Query, head, document, first, rows, dq_RK, dQkv, dWeights);
            }
        StoreKeyAndValueGradients(p, document, keyHead, 0, length, dk_SK, dv_SK, dQkv, dWeights + (p.TowerOffsets.Length * width));
    }

    private static void LoadKeysAndValues<T>(in AttentionProblem<T> p, int document, int keyHead, int padded, float* k_SK, float* kt_KS, float* vt_KS)
        where T : unmanaged, INumberFormat<T>
    {
        var (length, width) = (p.Spans.Lengths[document], p.HeadDim);
        AttentionForward.LoadKeys(p, document, keyHead, 0, length, k_SK);
        for (var s = 0; s < length; s++)
        {
            var key = k_SK + (s * width);
            var value = p.ValueOf(AttentionForward.Locate(p, document, s).Row, keyHead);
            for (var k = 0; k < width; k++)
            {
                kt_KS[(k * padded) + s] = key[k];
                vt_KS[(k * padded) + s] = T.Read(value[k]);
            }
        }
        new Span<float>(k_SK + (length * width), (padded - length) * width).Clear();
        for (var k = 0; k < width; k++)
        {
            new Span<float>(kt_KS + (k * padded) + length, padded - length).Clear();
            new Span<float>(vt_KS + (k * padded) + length, padded - length).Clear();
        }
    }

    /// <summary>Gradients of a block of results, and for each the sum over the head of gradient times result: what softmax subtracts.</summary>
    internal static void LoadResultGradients<T>(in AttentionProblem<T> p, int document, int head, int first, int rows, int whole, T* dResult, float* dO_RK, float* dots_R)
        where T : unmanaged, INumberFormat<T>
    {
        for (var r = 0; r < rows; r++)
        {
            var at = (((long)AttentionForward.Locate(p, document, first + r).Row * p.HeadCount) + head) * p.HeadDim;
            var dot = Vector512<float>.Zero;
            for (var k = 0; k < p.HeadDim; k += VectorMath.Lanes)
            {
                var gradient = T.Load(dResult + at + k);
                gradient.Store(dO_RK + (r * p.HeadDim) + k);
                dot = Vector512.FusedMultiplyAdd(gradient, T.Load(p.Result + at + k), dot);
            }
            dots_R[r] = Vector512.Sum(dot);
        }
        new Span<float>(dO_RK + (rows * p.HeadDim), (whole - rows) * p.HeadDim).Clear();
        new Span<float>(dots_R + rows, whole - rows).Clear();
    }

    /// <summary>Scores become weights, and gradients of weights become gradients of scores; both are 0 beyond the limit.</summary>
    private static void DifferentiateSoftmax(float* p_S, float* dS_S, int limit, int columns, float logSumExp, float dot)
    {
        var end = AttentionProblem<Fp32>.RoundUp(limit);
        for (var s = 0; s < end; s += VectorMath.Lanes)
        {
            var weights = VectorMath.Exp(Vector512.Load(p_S + s) - Vector512.Create(logSumExp));
            if (s + VectorMath.Lanes > limit)
                weights = Vector512.ConditionalSelect(AttentionForward.Below(limit - s), weights, Vector512<float>.Zero);
            weights.Store(p_S + s);
            (weights * (Vector512.Load(dS_S + s) - Vector512.Create(dot))).Store(dS_S + s);
        }
        new Span<float>(p_S + end, columns - end).Clear();
        new Span<float>(dS_S + end, columns - end).Clear();
    }

    /// <summary>Gradients of some keys of a document, from <paramref name="first"/> on, and of their values; the former are overwritten.</summary>
    internal static void StoreKeyAndValueGradients<T>(in AttentionProblem<T> p, int document, int keyHead, int first, int count, float* dk_SK, float* dv_SK, T* dQkv, float* dKeyWeights)
        where T : unmanaged, INumberFormat<T>
    {
        HeadRows.Differentiate(p, p.Key, p.HeadCount + keyHead, document, first, count, dk_SK, dQkv, dKeyWeights);
        for (var s = 0; s < count; s++)
        {
            var dValue = dQkv + (p.ValueOf(AttentionForward.Locate(p, document, first + s).Row, keyHead) - p.Qkv);
            for (var k = 0; k < p.HeadDim; k += VectorMath.Lanes)
                T.Store(Vector512.Load(dv_SK + (s * p.HeadDim) + k), dValue + k);
        }
    }
}
