// Legend: B rows, T tokens, N = B·T, S documents, L tokens of the longest document, D any width.
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
        var starts = new List<int>();
        for (var i = 0; i < segments.Length; i++)
            if (i % length == 0 || segments[i] != segments[i - 1])
                starts.Add(i);
        var lengths = starts.Zip([.. starts.Skip(1), segments.Length], (start, end) => end - start).ToArray();
        var longest = lengths.Max();
        if ((long)starts.Count * longest * longest >= (long)segments.Length * length)
            return null;

        var spread = new long[starts.Count * longest]; // padding repeats token 0, which nothing real attends to
        var collect = new long[segments.Length];
        for (var document = 0; document < starts.Count; document++)
            for (var i = 0; i < lengths[document]; i++)
            {
                spread[(document * longest) + i] = starts[document] + i;
                collect[starts[document] + i] = (document * longest) + i;
            }
        return new(starts.Count, longest, spread, collect, device);
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
