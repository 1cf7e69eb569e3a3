// Legend: R rows of a step, one per stream.
namespace MixtureOfTransformers.Generation;

/// <summary>The streams of one step grouped by tower, so that each tower's weights are read once for all its streams.</summary>
/// <param name="streams">R.</param>
/// <param name="towerOfModality">The tower that each modality index maps to.</param>
/// <param name="towerCount">Towers.</param>
internal sealed class DecodeRows(int streams, int[] towerOfModality, int towerCount)
{
    private readonly int[] _streams = new int[streams];
    private readonly int[] _first = new int[towerCount + 1];

    /// <summary>R.</summary>
    public int Count => _streams.Length;

    /// <summary>Orders the streams by the towers of these modalities, [R].</summary>
    public void Group(ReadOnlySpan<byte> modalities)
    {
        var row = 0;
        for (var tower = 0; tower < towerCount; tower++)
        {
            for (var stream = 0; stream < modalities.Length; stream++)
                if (towerOfModality[modalities[stream]] == tower)
                    _streams[row++] = stream;
            _first[tower + 1] = row;
        }
    }

    /// <summary>The stream of a row.</summary>
    public int StreamOf(int row) => _streams[row];

    /// <summary>The first row of copy <paramref name="copy"/> of a part, and how many it has: those of its tower, or all where the part is tied.</summary>
    public (int First, int Count) Of(int copy, int copies) => copies == 1 ? (0, Count) : (_first[copy], _first[copy + 1] - _first[copy]);

    /// <summary>The copy of a part that a row goes through.</summary>
    public int CopyOf(int row, int copies)
    {
        var copy = 0;
        while (copies > 1 && row >= _first[copy + 1])
            copy++;
        return copy;
    }
}
