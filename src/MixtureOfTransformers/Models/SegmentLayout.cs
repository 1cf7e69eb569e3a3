// Legend: B rows, T tokens, N = B·T, S documents, L tokens of the longest document, D any width.
using MixtureOfTransformers.Batching;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Gives every document of packed rows a row of its own for attention, padded at its end to the longest. Causal attention then needs no mask, and compares
/// S · L² pairs in place of B · T².</summary>
internal sealed class SegmentLayout : IDisposable
{
    private readonly Tensor _spread;
    private readonly Tensor _collect_N;

    private SegmentLayout(int documents, int longest, long[] spread, long[] collect, Device device)
    {
        (RowCount, Length) = (documents, longest);
        _spread = tensor(spread, device: device).DetachFromDisposeScope();
        _collect_N = tensor(collect, device: device).DetachFromDisposeScope();
    }

    /// <summary>Documents, S.</summary>
    public int RowCount { get; }

    /// <summary>Tokens of the longest, L.</summary>
    public int Length { get; }

    /// <summary>The layout for these rows; null where it would compare more pairs than the rows themselves.</summary>
    /// <param name="segments">Which document of its row each token belongs to, [N]; a document is one run of tokens.</param>
    /// <param name="length">Tokens per row, T.</param>
    /// <param name="device">Where the index tensors live.</param>
    public static SegmentLayout? CreateIfSmaller(ReadOnlySpan<int> segments, int length, Device device)
    {
        var documents = Documents(segments, length);
        var longest = documents.Max(d => d.Length);
        if ((long)documents.Count * longest * longest >= (long)segments.Length * length)
            return null;

        return Of(documents, segments.Length, device);
    }

    /// <summary>The layout of documents.</summary>
    /// <param name="documents">First token and tokens of each.</param>
    /// <param name="tokenCount">Tokens in the batch, N.</param>
    /// <param name="device">Where the index tensors live.</param>
    public static SegmentLayout Of(List<(int Start, int Length)> documents, int tokenCount, Device device)
    {
        var longest = documents.Max(d => d.Length);
        var spread = new long[documents.Count * longest]; // padding repeats token 0, which nothing real attends to
        var collect = new long[tokenCount];               // and what padding gets does not matter
        for (var document = 0; document < documents.Count; document++)
            for (var i = 0; i < documents[document].Length; i++)
            {
                spread[(document * longest) + i] = documents[document].Start + i;
                collect[documents[document].Start + i] = (document * longest) + i;
            }
        return new(documents.Count, longest, spread, collect, device);
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

    /// <summary>[N, D] to [S·L, D]; owned by the caller's scope.</summary>
    public Tensor Spread(Tensor x_ND) => x_ND.index_select(0, _spread);

    /// <summary>[S·L, D] to [N, D], without the padding; owned by the caller's scope.</summary>
    public Tensor Collect(Tensor x_SLD) => x_SLD.index_select(0, _collect_N);

    /// <inheritdoc/>
    public void Dispose()
    {
        _spread.Dispose();
        _collect_N.Dispose();
    }
}
