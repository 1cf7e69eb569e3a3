// Legend: N packed tokens (B·T), R rows in grouped order (N, or a few more), D any trailing width. "Grouped" order: all tokens of tower 0, then tower 1, …, each in sequence order.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Batching;

/// <summary>Where each tower's tokens are in a batch: the index sets I_m of Algorithm 1 (lines 3-4), built once per batch on the host and reused by every layer.</summary>
/// <remarks>Holds two index tensors; dispose it with the batch. With a single tower (the dense model) grouping is the identity and costs nothing.</remarks>
public sealed class ModalityRouting : IDisposable
{
    private readonly Tensor? _group_R;
    private readonly Tensor? _restore_N;
    private int _holders = 1;

    private ModalityRouting(int[] counts, int[] offsets, int rowCount, int[]? rows, Tensor? group_R, Tensor? restore_N)
    {
        (Counts, Offsets, RowCount, Rows, _group_R, _restore_N) = (counts, offsets, rowCount, rows, group_R, restore_N);
        TokenCount = counts.Sum();
    }

    /// <summary>Tokens per tower; zero where a tower has none in this batch.</summary>
    public IReadOnlyList<int> Counts { get; }

    /// <summary>First row of each tower in grouped order.</summary>
    public int[] Offsets { get; }

    /// <summary>Tokens in the batch, N.</summary>
    public int TokenCount { get; }

    /// <summary>The row in grouped order of each token in sequence order, [N]; null where both orders are the same.</summary>
    internal int[]? Rows { get; }

    /// <summary>Rows in grouped order, R: the tokens, and where <c>rowMultiple</c> asked for it rows that repeat a token so that each tower has a round number of them.</summary>
    public int RowCount { get; }

    /// <summary>Number of towers.</summary>
    public int TowerCount => Counts.Count;

    /// <summary>Sorts token positions by tower, stably.</summary>
    /// <param name="modalities">Modality index of each token in sequence order, [N].</param>
    /// <param name="towerOfModality">The tower that each modality index maps to.</param>
    /// <param name="device">Where the index tensors live.</param>
    /// <param name="rowMultiple">Each tower gets a multiple of so many rows, by rows that nothing reads: some products take round shapes faster.</param>
    /// <exception cref="ArgumentOutOfRangeException">A token's modality index has no tower.</exception>
    public static ModalityRouting Create(ReadOnlySpan<byte> modalities, ReadOnlySpan<int> towerOfModality, Device device, int rowMultiple = 1)
    {
        var towerCount = 0;
        foreach (var tower in towerOfModality)
            towerCount = Math.Max(towerCount, tower + 1);
        var counts = new int[towerCount];
        foreach (var modality in modalities)
        {
            if (modality >= towerOfModality.Length)
                throw new ArgumentOutOfRangeException(nameof(modalities), $"modality index {modality} has no tower; the model knows {towerOfModality.Length} modalities");
            counts[towerOfModality[modality]]++;
        }
        if (towerCount == 1 || counts.Max() == modalities.Length)
            return new(counts, OffsetsOf(counts, 1, out var all), all, null, null, null);

        var offsets = OffsetsOf(counts, rowMultiple, out var rowCount);
        var next = (int[])offsets.Clone();
        var group = new long[rowCount]; // rows of no token repeat token 0
        var rows = new int[modalities.Length];
        for (var i = 0; i < modalities.Length; i++)
        {
            var row = next[towerOfModality[modalities[i]]]++;
            group[row] = i;
            rows[i] = row;
        }
        using var _ = NewDisposeScope();
        return new(counts, offsets, rowCount, rows, tensor(group, device: device).DetachFromDisposeScope(), tensor(rows, device: device).DetachFromDisposeScope());
    }

    /// <summary>Sequence order → grouped order.</summary>
    /// <param name="x_ND">[N, …].</param>
    /// <returns>[R, …], a fresh handle.</returns>
    public Tensor Group(Tensor x_ND) => Permute(x_ND, _group_R);

    /// <summary>Host values in sequence order → a tensor in grouped order, on the CPU.</summary>
    /// <param name="values">One per token, [N].</param>
    /// <param name="filler">The value of rows of no token.</param>
    /// <returns>[R], owned by the caller's scope.</returns>
    internal Tensor Group(ReadOnlySpan<long> values, long filler)
    {
        if (Rows is null)
            return tensor(values.ToArray());
        var grouped = new long[RowCount];
        grouped.AsSpan().Fill(filler);
        for (var i = 0; i < values.Length; i++)
            grouped[Rows[i]] = values[i];
        return tensor(grouped);
    }

    /// <summary>Grouped order → sequence order; undoes <see cref="Group(Tensor)"/> exactly.</summary>
    /// <param name="xm_ND">[R, …].</param>
    /// <returns>[N, …], a fresh handle.</returns>
    public Tensor Restore(Tensor xm_ND) => Permute(xm_ND, _restore_N);

    /// <summary>Guards a layer against a stream that does not belong to this routing.</summary>
    /// <exception cref="ArgumentException">The number of rows differs from <see cref="RowCount"/>.</exception>
    public void ThrowIfNotGrouped(Tensor xm_ND)
    {
        if (xm_ND.shape[0] != RowCount)
            throw new ArgumentException($"{xm_ND.shape[0]} rows do not match a routing of {RowCount} rows for {TokenCount} tokens");
    }

    /// <summary>Keeps this alive until it is disposed once more: for a backward pass that runs the layers again.</summary>
    internal void Retain() => _holders++;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (--_holders > 0)
            return;
        _group_R?.Dispose();
        _restore_N?.Dispose();
    }

    /// <summary>Rows of a tower, those of no token included.</summary>
    internal int RowCountOf(int tower) => (tower + 1 < Offsets.Length ? Offsets[tower + 1] : RowCount) - Offsets[tower];

    private static int[] OffsetsOf(int[] counts, int rowMultiple, out int rowCount)
    {
        var offsets = new int[counts.Length];
        rowCount = 0;
        for (var tower = 0; tower < counts.Length; tower++)
        {
            offsets[tower] = rowCount;
            rowCount += (counts[tower] + rowMultiple - 1) / rowMultiple * rowMultiple;
        }
        return offsets;
    }

    private static Tensor Permute(Tensor x_ND, Tensor? index_N) => index_N is null ? x_ND.alias() : x_ND.index_select(0, index_N);
}
