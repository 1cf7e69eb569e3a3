// Legend: B rows, T tokens, N = B·T, S documents, L tokens of the longest document, D any width.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Gives every document of packed rows a row of its own for attention, padded at its end to the longest. Causal attention then needs no mask, and compares
/// S · L² pairs in place of B · T². It takes rows grouped by tower and gives them back so: one change of order each way. The gradients of padding are zero and are left out.</summary>
internal sealed class SegmentLayout : IDisposable
{
    private readonly Tensor _spread_M; // M = S · L
    private readonly Tensor _collect_N;
    private readonly Tensor? _isPadding_M;
    private readonly Tensor? _isPadding_N;

    private SegmentLayout(int documents, int longest, long[] spread, long[] collect, bool[] isPadding_M, bool[] isPadding_N, Device device)
    {
        (RowCount, Length) = (documents, longest);
        _spread_M = Upload.To(tensor(spread), device).DetachFromDisposeScope();
        _collect_N = Upload.To(tensor(collect), device).DetachFromDisposeScope();
        _isPadding_M = MaskOf(isPadding_M, device);
        _isPadding_N = MaskOf(isPadding_N, device);
    }

    /// <summary>Documents, S.</summary>
    public int RowCount { get; }

    /// <summary>Tokens of the longest, L.</summary>
    public int Length { get; }

    /// <summary>The documents of these rows, first token and tokens of each; null where rows of their own would compare more pairs than the rows themselves.</summary>
    /// <param name="segments">Which document of its row each token belongs to, [N]; a document is one run of tokens.</param>
    /// <param name="length">Tokens per row, T.</param>
    public static IReadOnlyList<(int Start, int Length)>? DocumentsIfSmaller(ReadOnlySpan<int> segments, int length)
    {
        var documents = Documents(segments, length);
        var longest = documents.Max(d => d.Length);
        return (long)documents.Count * longest * longest < (long)segments.Length * length ? documents : null;
    }

    /// <summary>The layout of documents.</summary>
    /// <param name="documents">First token and tokens of each.</param>
    /// <param name="routing">The grouped order of the batch.</param>
    /// <param name="device">Where the index tensors live.</param>
    public static SegmentLayout Of(IReadOnlyList<(int Start, int Length)> documents, ModalityRouting routing, Device device)
    {
        var tokenCount = routing.TokenCount;
        var longest = documents.Max(d => d.Length);
        var spread = new long[documents.Count * longest]; // padding repeats row 0, which nothing real attends to
        var collect = new long[tokenCount];               // and what padding gets does not matter
        var (isPadding_M, isPadding_N) = (Padding(spread.Length), Padding(tokenCount));
        for (var document = 0; document < documents.Count; document++)
            for (var i = 0; i < documents[document].Length; i++)
            {
                var (slot, token) = ((document * longest) + i, documents[document].Start + i);
                var row = routing.Rows?[token] ?? token;
                (spread[slot], collect[row]) = (row, slot);
                isPadding_M[slot] = isPadding_N[row] = false;
            }
        return new(documents.Count, longest, spread, collect, isPadding_M, isPadding_N, device);
    }

    private static List<(int Start, int Length)> Documents(ReadOnlySpan<int> segments, int length)
    {
        var documents = new List<(int Start, int Length)>();
        for (var (start, end) = (0, 0); start < segments.Length; start = end)
        {
            for (end = start + 1; end % length > 0 && segments[end] == segments[start];)
                end++;
            if (segments[start] != Batch.PaddingSegment)
                documents.Add((start, end - start));
        }
        return documents;
    }

    /// <summary>[N, D] grouped by tower to [S·L, D]; owned by the caller's scope.</summary>
    public Tensor Spread(Tensor xm_ND) => Rearrangement.Apply(xm_ND, _spread_M, _collect_N, _isPadding_N);

    /// <summary>[S·L, D] to [N, D] grouped by tower, without the padding; owned by the caller's scope.</summary>
    public Tensor Collect(Tensor x_SLD) => Rearrangement.Apply(x_SLD, _collect_N, _spread_M, _isPadding_M);

    /// <inheritdoc/>
    public void Dispose()
    {
        _spread_M.Dispose();
        _collect_N.Dispose();
        _isPadding_M?.Dispose();
        _isPadding_N?.Dispose();
    }

    private static bool[] Padding(int count)
    {
        var all = new bool[count];
        Array.Fill(all, true);
        return all;
    }

    private static Tensor? MaskOf(bool[] isPadding, Device device) => isPadding.Contains(true) ? Upload.To(tensor(isPadding), device).DetachFromDisposeScope() : null;
}
