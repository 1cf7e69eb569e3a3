// Legend: R rows, K head width.
namespace MixtureOfTransformers.Kernels;

/// <summary><see cref="HeadRow"/> for places of a document that follow one another. The norms of all come first: each is a chain of sum, root and division, and only chains that nothing
/// else stands between overlap.</summary>
internal static unsafe class HeadRows
{
    private const int RowsAtOnce = 64;

    /// <summary>Forward.</summary>
    /// <param name="p">The attention.</param>
    /// <param name="head">What happens to the rows.</param>
    /// <param name="column">Which head of the projections, queries', keys' and values' in turn.</param>
    /// <param name="document">The document.</param>
    /// <param name="first">First place in it.</param>
    /// <param name="count">R.</param>
    /// <param name="y_RK">Receives the results.</param>
    public static void Apply<T>(in AttentionProblem<T> p, in HeadRow head, int column, int document, int first, int count, float* y_RK)
        where T : unmanaged, INumberFormat<T>
    {
        var inverse_R = stackalloc float[RowsAtOnce];
        for (var r = 0; r < count; r++)
        {
            if (r % RowsAtOnce == 0)
                InverseRms(p, head, column, document, first + r, Math.Min(RowsAtOnce, count - r), inverse_R);
            var (token, row) = AttentionForward.Locate(p, document, first + r);
            head.Apply(p.QueryOf(row, column), inverse_R[r % RowsAtOnce], p.Spans.Position(document, token), p.Tower(row), y_RK + (r * head.Width));
        }
    }

    /// <summary>Backward.</summary>
    /// <param name="p">The attention.</param>
    /// <param name="head">As in forward.</param>
    /// <param name="column">As in forward.</param>
    /// <param name="document">The document.</param>
    /// <param name="first">First place in it.</param>
    /// <param name="count">R.</param>
    /// <param name="dy_RK">Gradients of the results; overwritten.</param>
    /// <param name="dQkv">Receives those of the projections, [N, E].</param>
    /// <param name="dWeights">Those of the norm weights are added to it, [towers, K].</param>
    public static void Differentiate<T>(in AttentionProblem<T> p, in HeadRow head, int column, int document, int first, int count, float* dy_RK, T* dQkv, float* dWeights)
        where T : unmanaged, INumberFormat<T>
    {
        var inverse_R = stackalloc float[RowsAtOnce];
        for (var r = 0; r < count; r++)
        {
            if (r % RowsAtOnce == 0)
                InverseRms(p, head, column, document, first + r, Math.Min(RowsAtOnce, count - r), inverse_R);
            var (token, row) = AttentionForward.Locate(p, document, first + r);
            var x = p.QueryOf(row, column);
            head.Differentiate(x, inverse_R[r % RowsAtOnce], p.Spans.Position(document, token), p.Tower(row), dy_RK + (r * head.Width), dQkv + (x - p.Qkv), dWeights);
        }
    }

    private static void InverseRms<T>(in AttentionProblem<T> p, in HeadRow head, int column, int document, int first, int count, float* inverse_R)
        where T : unmanaged, INumberFormat<T>
    {
        for (var r = 0; r < count; r++)
            inverse_R[r] = head.Weights is null ? 1 : RmsNormKernel.InverseRms(head.Width, p.QueryOf(AttentionForward.Locate(p, document, first + r).Row, column), head.Epsilon);
    }
}
