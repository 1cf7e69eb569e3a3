// Legend: R queries of a block, S keys of a document (padded to whole vectors), K head width.
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>Attention, forward. The scores of a block of queries are complete before their softmax, so nothing is rescaled; they stay in the core's cache.</summary>
internal static unsafe class AttentionForward
{
    /// <summary>Fills <see cref="AttentionProblem{T}.Result"/> and <see cref="AttentionProblem{T}.LogSumExp"/> for all tokens in documents.</summary>
    public static void Run<T>(AttentionProblem<T> problem)
        where T : unmanaged, INumberFormat<T> => Cores.For(problem.PieceCount, piece => Piece(problem, piece / problem.KeyValueHeadCount, piece % problem.KeyValueHeadCount));

    private static void Piece<T>(in AttentionProblem<T> p, int document, int keyHead)
        where T : unmanaged, INumberFormat<T>
    {
        const int BlockRows = AttentionProblem<T>.BlockRows;
        var (length, width) = (p.Spans.Lengths[document], p.HeadDim);
        var padded = AttentionProblem<T>.RoundUp(length);
        var kt_KS = ThreadBuffer.Of((2 * padded * width) + (BlockRows * ((2 * width) + padded)));
        var v_SK = kt_KS + (padded * width);
        var q_RK = v_SK + (padded * width);
        var o_RK = q_RK + (BlockRows * width);
        var p_RS = o_RK + (BlockRows * width);
        LoadKeysAndValues(p, document, keyHead, padded, kt_KS, v_SK, row: q_RK);

        var group = p.HeadCount / p.KeyValueHeadCount;
        for (var head = keyHead * group; head < (keyHead + 1) * group; head++)
            for (var first = p.LastOnly ? length - 1 : 0; first < length; first += BlockRows)
            {
                var rows = Math.Min(BlockRows, length - first);
                var whole = (rows + PanelProduct.RowMultiple - 1) / PanelProduct.RowMultiple * PanelProduct.RowMultiple;
                LoadQueries(p, document, head, first, rows, whole, q_RK);
                var keys = p.Spans.Limit(document, first + rows - 1);
                var columns = AttentionProblem<T>.RoundUp(keys);
                PanelProduct.Multiply(whole, columns, width, q_RK, width, 1, kt_KS, padded, p_RS, columns, add: false);
                for (var r = 0; r < whole; r++)
                    q_RK[r] = Softmax(p_RS + (r * columns), r < rows ? p.Spans.Limit(document, first + r) : 0, columns, LogSumExpOf(p, head, document, first + Math.Min(r, rows - 1))); // queries are no longer needed
                PanelProduct.Multiply(whole, width, keys, p_RS, columns, 1, v_SK, width, o_RK, width, add: false);
                Store(p, document, head, first, rows, o_RK, inverseSums: q_RK);
            }
    }

    /// <summary>Queries of a block, ready for the product; rows beyond the document are zero.</summary>
    internal static void LoadQueries<T>(in AttentionProblem<T> p, int document, int head, int first, int rows, int whole, float* q_RK)
        where T : unmanaged, INumberFormat<T>
    {
        HeadRows.Apply(p, p.Query, head, document, first, rows, q_RK);
        new Span<float>(q_RK + (rows * p.HeadDim), (whole - rows) * p.HeadDim).Clear();
    }

    /// <summary>A token of a document, and its row in the grouped tensors.</summary>
    internal static (int Token, int Row) Locate<T>(in AttentionProblem<T> p, int document, int place)
        where T : unmanaged, INumberFormat<T>
    {
        var token = p.Spans.Starts[document] + place;
        return (token, p.Row(token));
    }

    internal static float* LogSumExpOf<T>(in AttentionProblem<T> p, int head, int document, int place)
        where T : unmanaged, INumberFormat<T> => p.LogSumExp + ((long)head * p.TokenCount) + p.Spans.Starts[document] + place;

    private static void LoadKeysAndValues<T>(in AttentionProblem<T> p, int document, int keyHead, int padded, float* kt_KS, float* v_SK, float* row)
        where T : unmanaged, INumberFormat<T>
    {
        var (length, width) = (p.Spans.Lengths[document], p.HeadDim);
        for (var s = 0; s < length; s++)
        {
            LoadKeys(p, document, keyHead, s, 1, row);
            var value = p.ValueOf(Locate(p, document, s).Row, keyHead);
            for (var k = 0; k < width; k++)
                kt_KS[(k * padded) + s] = row[k];
            for (var k = 0; k < width; k += VectorMath.Lanes)
                T.Load(value + k).Store(v_SK + (s * width) + k);
            Keep(p, document, keyHead, s, row, value);
        }
        for (var k = 0; k < width; k++)
            new Span<float>(kt_KS + (k * padded) + length, padded - length).Clear();
        new Span<float>(v_SK + (length * width), (padded - length) * width).Clear();
    }

    /// <summary>Keys as queries meet them.</summary>
    internal static void LoadKeys<T>(in AttentionProblem<T> p, int document, int keyHead, int first, int count, float* keys_SK)
        where T : unmanaged, INumberFormat<T> => HeadRows.Apply(p, p.Key, p.HeadCount + keyHead, document, first, count, keys_SK);

    /// <summary>Keeps a key and its value, where that is asked for.</summary>
    internal static void Keep<T>(in AttentionProblem<T> p, int document, int keyHead, int place, float* key_K, T* value_K)
        where T : unmanaged, INumberFormat<T>
    {
        if (!p.Kept.Exist)
            return;
        var token = Locate(p, document, place).Token;
        var kept = p.Kept.KeyOf(token, keyHead);
        for (var k = 0; k < p.HeadDim; k += VectorMath.Lanes)
            T.Store(Vector512.Load(key_K + k), kept + k);
        new Span<T>(value_K, p.HeadDim).CopyTo(new(p.Kept.ValueOf(token, keyHead), p.HeadDim));
    }

    /// <summary>Turns scores into exponentials, 0 beyond the limit, without dividing by their sum.</summary>
    /// <returns>One over the sum; 0 where the limit is 0.</returns>
    private static float Softmax(float* scores_S, int limit, int columns, float* logSumExp)
    {
        if (limit == 0)
        {
            new Span<float>(scores_S, columns).Clear();
            return 0;
        }
        var largest = Vector512.Create(float.NegativeInfinity);
        for (var s = 0; s < limit; s += VectorMath.Lanes)
        {
            var scores = Vector512.ConditionalSelect(Below(limit - s), Vector512.Load(scores_S + s), Vector512.Create(float.NegativeInfinity));
            scores.Store(scores_S + s);
            largest = Vector512.Max(largest, scores);
        }
        var max = VectorMath.Largest(largest);
        var sums = Vector512<float>.Zero;
        var end = AttentionProblem<Fp32>.RoundUp(limit);
        for (var s = 0; s < end; s += VectorMath.Lanes)
        {
            var weights = VectorMath.Exp(Vector512.Load(scores_S + s) - Vector512.Create(max));
            weights.Store(scores_S + s);
            sums += weights;
        }
        new Span<float>(scores_S + end, columns - end).Clear();
        var sum = Vector512.Sum(sums);
        *logSumExp = max + MathF.Log(sum);
        return 1 / sum;
    }

    /// <summary>True in the first <paramref name="count"/> lanes.</summary>
    internal static Vector512<float> Below(int count) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();

    /// <summary>Divides a block of results and puts them where they belong.</summary>
    internal static void Store<T>(in AttentionProblem<T> p, int document, int head, int first, int rows, float* o_RK, float* inverseSums)
        where T : unmanaged, INumberFormat<T>
    {
        for (var r = 0; r < rows; r++)
        {
            var row = Locate(p, document, first + r).Row;
            var to = p.Result + (((long)row * p.HeadCount) + head) * p.HeadDim;
            for (var k = 0; k < p.HeadDim; k += VectorMath.Lanes)
                T.Store(Vector512.Load(o_RK + (r * p.HeadDim) + k) * inverseSums[r], to + k);
        }
    }
}
