// Legend: N packed tokens (B·T), D any trailing width. "Grouped" order: all tokens of tower 0, then tower 1, …, each in sequence order.
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Batching;

/// <summary>Where each tower's tokens are in a batch: the index sets I_m of Algorithm 1 (lines 3-4), built once per batch on the host and reused by every layer.</summary>
/// <remarks>Holds two index tensors; dispose it with the batch. With a single tower (the dense model) grouping is the identity and costs nothing.</remarks>
public sealed class ModalityRouting : IDisposable
{
    private readonly Tensor? _group_N;
    private readonly Tensor? _restore_N;
    private int[]? _batchRows; // of each token, where they are not all of a batch
    private int _batchRowCount;
    private int _holders = 1;

    private ModalityRouting(int[] counts, int[]? rows, Tensor? group_N, Tensor? restore_N)
    {
        (Counts, Rows, _group_N, _restore_N) = (counts, rows, group_N, restore_N);
        Offsets = new int[counts.Length];
        for (var tower = 1; tower < counts.Length; tower++)
            Offsets[tower] = Offsets[tower - 1] + counts[tower - 1];
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

    /// <summary>Number of towers.</summary>
    public int TowerCount => Counts.Count;

    /// <summary>Sorts token positions by tower, stably.</summary>
    /// <param name="modalities">Modality index of each token in sequence order, [N].</param>
    /// <param name="towerOfModality">The tower that each modality index maps to.</param>
    /// <param name="device">Where the index tensors live.</param>
    /// <exception cref="ArgumentOutOfRangeException">A token's modality index has no tower.</exception>
    public static ModalityRouting Create(ReadOnlySpan<byte> modalities, ReadOnlySpan<int> towerOfModality, Device device)
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
            return new(counts, null, null, null);

        var next = new int[towerCount];
        for (var tower = 1; tower < towerCount; tower++)
            next[tower] = next[tower - 1] + counts[tower - 1];
        var group = new long[modalities.Length];
        var rows = new int[modalities.Length];
        for (var i = 0; i < modalities.Length; i++)
        {
            var row = next[towerOfModality[modalities[i]]]++;
            group[row] = i;
            rows[i] = row;
        }
        using var _ = NewDisposeScope();
        return new(counts, rows, Upload.To(tensor(group), device).DetachFromDisposeScope(), Upload.To(tensor(rows), device).DetachFromDisposeScope());
    }

    /// <summary>Sequence order → grouped order.</summary>
    /// <param name="x_ND">[N, …].</param>
    /// <returns>[N, …], a fresh handle.</returns>
    public Tensor Group(Tensor x_ND) => Permute(x_ND, _group_N, _restore_N);

    /// <summary>Grouped order → sequence order; undoes <see cref="Group"/> exactly.</summary>
    /// <param name="xm_ND">[N, …].</param>
    /// <returns>[N, …], a fresh handle.</returns>
    public Tensor Restore(Tensor xm_ND) => Permute(xm_ND, _restore_N, _group_N);

    /// <summary>How many tokens of a tower each row of the batch has; in grouped order they follow each other row after row.</summary>
    /// <param name="tower">The tower; null for all tokens.</param>
    /// <param name="length">Tokens per row, T.</param>
    internal int[] CountsByRow(int? tower, int length)
    {
        var counts = new int[_batchRows is null ? TokenCount / length : _batchRowCount];
        for (var i = 0; i < TokenCount; i++)
        {
            var row = Rows?[i] ?? i;
            if (tower is not { } t || (row >= Offsets[t] && row < Offsets[t] + Counts[t]))
                counts[_batchRows?[i] ?? i / length]++;
        }
        return counts;
    }

    /// <summary>The grouped rows of some tokens, rising: in the order that grouping those tokens alone gives.</summary>
    /// <param name="tokens">Places in the batch, rising.</param>
    internal long[] RowsOf(int[] tokens) => [.. tokens.Select(token => (long)(Rows?[token] ?? token)).Order()];

    /// <summary>The routing of some tokens alone; dispose it after use.</summary>
    /// <param name="tokens">Places in the batch, rising.</param>
    /// <param name="length">Tokens per row of the batch, T.</param>
    /// <param name="device">Where the index tensors live.</param>
    internal ModalityRouting Subset(int[] tokens, int length, Device device)
    {
        var towers = tokens.Select(token => (byte)TowerOf(Rows?[token] ?? token)).ToArray();
        var subset = Create(towers, Enumerable.Range(0, TowerCount).ToArray(), device);
        (subset._batchRows, subset._batchRowCount) = ([.. tokens.Select(token => token / length)], TokenCount / length);
        return subset;
    }

    private int TowerOf(int row)
    {
        var tower = TowerCount - 1;
        while (tower > 0 && row < Offsets[tower])
            tower--;
        return tower;
    }

    /// <summary>Guards a layer against a stream that does not belong to this routing.</summary>
    /// <exception cref="ArgumentException">The number of rows differs from <see cref="TokenCount"/>.</exception>
    public void ThrowIfNotGrouped(Tensor xm_ND)
    {
        if (xm_ND.shape[0] != TokenCount)
            throw new ArgumentException($"{xm_ND.shape[0]} rows do not match a routing of {TokenCount} tokens");
    }

    /// <summary>Keeps this alive until it is disposed once more: for a backward pass that runs the layers again.</summary>
    internal void Retain() => _holders++;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (--_holders > 0)
            return;
        _group_N?.Dispose();
        _restore_N?.Dispose();
    }

    private static Tensor Permute(Tensor x_ND, Tensor? index_N, Tensor? back_N) => index_N is null ? x_ND.alias() : Rearrangement.Apply(x_ND, index_N, back_N!);
}
