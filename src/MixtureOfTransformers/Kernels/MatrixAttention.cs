// Legend: R queries of a block, S keys of a panel, K head width.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>How attention lays out its numbers for the matrix unit: blocks of 64 queries against panels of 64 keys, whatever the length of a document, so that few kernels serve all.</summary>
/// <remarks>In products that sum over keys, of every 32 keys the first sixteen are paired with the others: two vectors of weights become one of bf16 by a shift and a mask.</remarks>
internal static unsafe class MatrixAttention
{
    /// <summary>Queries that are worked on together.</summary>
    public const int BlockRows = 64;

    /// <summary>Keys that are worked on together.</summary>
    public const int PanelKeys = VnniPanels.Columns;

    /// <summary>Numbers of one block of queries by one panel of keys.</summary>
    public const int TileSize = BlockRows * PanelKeys;

    /// <summary>Tiles of scores that wait for each other, so that products of one kind follow one another.</summary>
    public const int TilesOfABatch = 8;

    /// <summary>The widest head: 64 values of one in bf16 find room where the scores of a batch will be.</summary>
    public const int WidestHead = TilesOfABatch * TileSize * 2 / PanelKeys;

    /// <summary>Keys that are paired among each other.</summary>
    public const int PairedKeys = 2 * VectorMath.Lanes;

    /// <summary>Factor from natural exponents to those of 2.</summary>
    public const float Log2E = 1.44269504f;

    /// <summary>Panels of some keys.</summary>
    public static int PanelsOf(int keys) => (int)VnniPanels.CountOf(keys);

    /// <summary>Rows that all products of a piece compute: 32 where that is enough for each of its blocks.</summary>
    public static int RowsOf(List<List<MatrixAttentionPieces.Block>> batches) => batches.Max(batch => batch.Max(block => block.Rows)) <= MatrixUnit.RowMultiple ? MatrixUnit.RowMultiple : BlockRows;

    /// <summary>Numbers of one panel of keys as terms; see <see cref="KeysAsTerms"/>.</summary>
    public static int TermsSize(int width) => (int)VnniPanels.CountOf(width) * TileSize;

    /// <summary>One panel of keys or values for a sum over keys.</summary>
    /// <param name="rows_SK">64 of them, row by row.</param>
    /// <param name="width">K.</param>
    /// <param name="panels">Receives panels of 64 of their columns, <see cref="TermsSize"/> numbers in all.</param>
    public static void KeysAsTerms<T>(T* rows_SK, int width, Bf16* panels)
        where T : unmanaged, INumberFormat<T>
    {
        for (var first = 0; first < PanelKeys; first += PairedKeys)
            for (var i = 0; i < VectorMath.Lanes; i++)
                VnniPanels.FromRows(rows_SK + ((first + i) * width), VectorMath.Lanes * width, 2, width, panels + ((first + (2 * i)) * VnniPanels.Columns), PanelKeys);
    }

    /// <summary>Product over keys, added: a block of weights by one panel of <see cref="KeysAsTerms"/>.</summary>
    public static void AddOverKeys(int rows, Bf16* weights_RS, Bf16* keys_SK, int width, float* sums_RK)
    {
        for (var k = 0; k < width; k += VnniPanels.Columns)
            MatrixUnit.Multiply(rows, Math.Min(VnniPanels.Columns, width - k), PanelKeys, weights_RS, PanelKeys, keys_SK + (k * PanelKeys), sums_RK + k, width, add: true);
    }

    /// <summary>Rounds as many numbers, a multiple of sixteen.</summary>
    public static void Round(float* from, int count, Bf16* to)
    {
        for (var i = 0; i < count; i += VectorMath.Lanes)
            Bf16.Store(Vector512.Load(from + i), to + i);
    }

    /// <summary>Numbers whose upper halves are rounded to nearest, ties away from zero; a NaN that arithmetic makes stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Rounded(Vector512<float> x) => x.AsUInt32() + Vector512.Create(0x8000u);

    /// <summary>Upper halves side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Pair(Vector512<uint> lower, Vector512<uint> upper) => (lower >> 16) | (upper & Vector512.Create(0xffff_0000u));
}
