// Legend: N rows, M slots.
namespace MixtureOfTransformers.Kernels;

/// <summary>Rows copied into slots, where a row may be in no slot, in one or in several: for each slot its row, and for each row its slots.</summary>
internal sealed class SlotTable
{
    private readonly int[] _starts; // of each row's slots in _slots, [N + 1]
    private readonly int[] _slots;

    /// <summary>Sorts the slots by row.</summary>
    /// <param name="rows">The row in each slot, [M], each from 0 to <paramref name="rowCount"/> - 1.</param>
    /// <param name="rowCount">Rows, N.</param>
    public SlotTable(ReadOnlySpan<long> rows, int rowCount)
    {
        (Rows, _starts, _slots) = (new int[rows.Length], new int[rowCount + 1], new int[rows.Length]);
        for (var slot = 0; slot < rows.Length; slot++)
        {
            Rows[slot] = checked((int)rows[slot]);
            _starts[Rows[slot] + 1]++;
        }
        for (var row = 0; row < rowCount; row++)
            _starts[row + 1] += _starts[row];
        var next = _starts.AsSpan(0, rowCount).ToArray();
        for (var slot = 0; slot < rows.Length; slot++)
            _slots[next[Rows[slot]]++] = slot;
    }

    /// <summary>The row in each slot, [M].</summary>
    public int[] Rows { get; }

    /// <summary>Number of rows, N.</summary>
    public int RowCount => _starts.Length - 1;

    /// <summary>The slots that hold a row, in rising order.</summary>
    public ReadOnlySpan<int> SlotsOf(long row) => _slots.AsSpan(_starts[row].._starts[row + 1]);
}
