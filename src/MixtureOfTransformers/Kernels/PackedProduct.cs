// Legend: M rows, N columns, K terms of the sum.
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Products of several matrices at once in the matrix unit, each a block of rows by its own packed matrix. The work is cut into pieces of 512 rows or fewer:
/// blocks of any size keep all cores busy, and none needs a kernel of its own.</summary>
internal static unsafe class PackedProduct
{
    private const int RowsOfAPiece = 512, RowsOfABlock = 128, PiecesPerCore = 4;

    /// <summary>One of the products: C = A · B.</summary>
    public struct Block
    {
        /// <summary>A, row by row.</summary>
        public Bf16* A_MK;

        /// <summary>Numbers from one row of A to the next.</summary>
        public long ARow;

        /// <summary>M, at least 1.</summary>
        public int Rows;

        /// <summary>K, a multiple of <see cref="MatrixUnit.TermMultiple"/>.</summary>
        public int Terms;

        /// <summary>B in panels; see <see cref="VnniPanels"/>.</summary>
        public Bf16* B_KN;

        /// <summary>N, a multiple of 16.</summary>
        public int Columns;

        /// <summary>C, row by row.</summary>
        public Bf16* C_MN;

        /// <summary>Numbers from one row of C to the next.</summary>
        public long CRow;

        /// <summary>The product of whole tensors.</summary>
        /// <param name="a_MK">[M, K], bf16, contiguous.</param>
        /// <param name="packed_KN">B in panels.</param>
        /// <param name="c_MN">[M, N], bf16, contiguous; receives the result.</param>
        public static Block Of(Tensor a_MK, Tensor packed_KN, Tensor c_MN) => Of(a_MK, packed_KN, c_MN, 0, a_MK.shape[0], a_MK.shape[1], c_MN.shape[1]);

        /// <summary>The product of some rows, of the first K columns into the first N.</summary>
        public static Block Of(Tensor a, Tensor packed_KN, Tensor c, long firstRow, long rows, long terms, long columns) => new()
        {
            A_MK = TensorMemory.Pointer<Bf16>(a) + (firstRow * a.shape[1]),
            ARow = a.shape[1],
            Rows = (int)rows,
            Terms = (int)terms,
            B_KN = TensorMemory.Pointer<Bf16>(packed_KN),
            Columns = (int)columns,
            C_MN = TensorMemory.Pointer<Bf16>(c) + (firstRow * c.shape[1]),
            CRow = c.shape[1],
        };
    }

    private readonly record struct Piece(int Block, int FirstRow, int Rows, int FirstColumn, int Columns);

    /// <summary>Multiplies.</summary>
    public static void Run(IReadOnlyList<Block> blocks)
    {
        var pieces = Cut(blocks);
        MatrixUnit.For(pieces.Count, i => Multiply(blocks[pieces[i].Block], pieces[i]));
    }

    private static List<Piece> Cut(IReadOnlyList<Block> blocks)
    {
        var pieces = new List<Piece>();
        var parts = 1;
        var rowPieces = blocks.Sum(block => (block.Rows + RowsOfAPiece - 1) / RowsOfAPiece);
        while (rowPieces * parts < PiecesPerCore * get_num_threads() && parts < blocks.Max(block => VnniPanels.CountOf(block.Columns)))
            parts++;
        for (var b = 0; b < blocks.Count; b++)
            foreach (var (firstRow, rows) in Shares(blocks[b].Rows, RowsOfAPiece))
                foreach (var (firstColumn, columns) in Shares(blocks[b].Columns, (int)((VnniPanels.CountOf(blocks[b].Columns) + parts - 1) / parts) * VnniPanels.Columns))
                    pieces.Add(new(b, firstRow, rows, firstColumn, columns));
        return pieces;
    }

    private static IEnumerable<(int First, int Count)> Shares(int count, int size)
    {
        for (var first = 0; first < count; first += size)
            yield return (first, Math.Min(size, count - first));
    }

    private static void Multiply(in Block block, Piece piece)
    {
        var c_MN = ThreadBuffer.Of((RowsOfABlock * VnniPanels.Columns) + (MatrixUnit.TileRows * block.Terms / 2));
        var last_MK = (Bf16*)(c_MN + (RowsOfABlock * VnniPanels.Columns));
        var whole = piece.Rows / MatrixUnit.TileRows * MatrixUnit.TileRows;
        var a_MK = block.A_MK + (piece.FirstRow * block.ARow);
        var c = block.C_MN + (piece.FirstRow * block.CRow);
        CopyLastRows(block, a_MK + (whole * block.ARow), piece.Rows - whole, last_MK);
        for (var column = piece.FirstColumn; column < piece.FirstColumn + piece.Columns; column += VnniPanels.Columns)
        {
            var panel = block.B_KN + (column * (long)block.Terms);
            var columns = Math.Min(VnniPanels.Columns, piece.FirstColumn + piece.Columns - column);
            for (var row = 0; row < whole; row += RowsOfABlock)
            {
                var rows = Math.Min(RowsOfABlock, whole - row);
                MatrixUnit.Multiply(rows, VnniPanels.Columns, block.Terms, a_MK + (row * block.ARow), (nint)block.ARow, panel, c_MN, VnniPanels.Columns, add: false);
                Store(c_MN, rows, columns, c + (row * block.CRow) + column, block.CRow);
            }
            if (whole == piece.Rows)
                continue;
            MatrixUnit.Multiply(MatrixUnit.TileRows, VnniPanels.Columns, block.Terms, last_MK, block.Terms, panel, c_MN, VnniPanels.Columns, add: false);
            Store(c_MN, piece.Rows - whole, columns, c + (whole * block.CRow) + column, block.CRow);
        }
    }

    /// <summary>The last rows, filled up with zeros: the unit takes sixteen at a time, and behind a block there may be nothing to read.</summary>
    private static void CopyLastRows(in Block block, Bf16* from, int rows, Bf16* to)
    {
        for (var r = 0; r < rows; r++)
            new Span<Bf16>(from + (r * block.ARow), block.Terms).CopyTo(new(to + ((long)r * block.Terms), block.Terms));
        if (rows > 0)
            new Span<Bf16>(to + ((long)rows * block.Terms), (MatrixUnit.TileRows - rows) * block.Terms).Clear();
    }

    private static void Store(float* c_MN, int rows, int columns, Bf16* to, long toRow)
    {
        for (var r = 0; r < rows; r++)
            for (var n = 0; n < columns; n += VectorMath.Lanes)
                Bf16.Store(Vector512.Load(c_MN + (r * VnniPanels.Columns) + n), to + (r * toRow) + n);
    }
}
