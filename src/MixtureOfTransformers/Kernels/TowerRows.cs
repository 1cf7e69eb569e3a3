namespace MixtureOfTransformers.Kernels;

/// <summary>Rows grouped by tower, and which set of weights each uses.</summary>
/// <param name="Count">Rows, N.</param>
/// <param name="Width">Numbers per row.</param>
/// <param name="Offsets">First row of each set of weights, rising from 0; a single 0 where all rows share one.</param>
internal readonly record struct TowerRows(long Count, int Width, int[] Offsets)
{
    /// <summary>Sets of weights.</summary>
    public int TowerCount => Offsets.Length;

    /// <summary>The set of weights of a row.</summary>
    public int Tower(long row) => TowerOf(Offsets, row);

    /// <summary>The last set of weights that begins at or before a row.</summary>
    public static int TowerOf(int[] offsets, long row)
    {
        var tower = offsets.Length - 1;
        while (tower > 0 && row < offsets[tower])
            tower--;
        return tower;
    }
}
