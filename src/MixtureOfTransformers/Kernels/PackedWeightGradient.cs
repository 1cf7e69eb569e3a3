// Legend: M rows, D input width, E output width, K terms of the sum (rows of a chunk).
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Gradients of several projections' weights in the matrix unit, dW += dyᵀ · x, added in fp32 where they are kept: sums are never rounded to bf16, and there is no
/// tensor of a weight's size beside the gradient.</summary>
internal static unsafe class PackedWeightGradient
{
    private const int TermsOfAChunk = 512, OutputsOfAPiece = 128;

    /// <summary>One of them.</summary>
    public struct Block
    {
        /// <summary>Gradient of the projection's result, row by row.</summary>
        public Bf16* DY_ME;

        /// <summary>Numbers from one of its rows to the next.</summary>
        public long DYRow;

        /// <summary>The projection's input, row by row.</summary>
        public Bf16* X_MD;

        /// <summary>Numbers from one of its rows to the next.</summary>
        public long XRow;

        /// <summary>M, at least 1.</summary>
        public int Rows;

        /// <summary>E, a multiple of 32.</summary>
        public int Outputs;

        /// <summary>D, a multiple of 32.</summary>
        public int Inputs;

        /// <summary>Added to, [E, D].</summary>
        public float* Gradient_ED;

        /// <summary>That of whole tensors.</summary>
        /// <param name="dy_ME">[M, E], bf16, contiguous.</param>
        /// <param name="x_MD">[M, D], bf16, contiguous.</param>
        /// <param name="sum_ED">[E, D], fp32, contiguous; added to.</param>
        public static Block Of(Tensor dy_ME, Tensor x_MD, Tensor sum_ED) => Of(dy_ME, x_MD, sum_ED, 0, x_MD.shape[0]);

        /// <summary>That of some rows, from the first E and D columns.</summary>
        public static Block Of(Tensor dy, Tensor x, Tensor sum_ED, long firstRow, long rows) => new()
        {
            DY_ME = TensorMemory.Pointer<Bf16>(dy) + (firstRow * dy.shape[1]),
            DYRow = dy.shape[1],
            X_MD = TensorMemory.Pointer<Bf16>(x) + (firstRow * x.shape[1]),
            XRow = x.shape[1],
            Rows = (int)rows,
            Outputs = (int)sum_ED.shape[0],
            Inputs = (int)sum_ED.shape[1],
            Gradient_ED = TensorMemory.Pointer<float>(sum_ED),
        };

        /// <summary>M, rounded up to what the unit takes.</summary>
        public readonly int Terms => (Rows + MatrixUnit.TermMultiple - 1) / MatrixUnit.TermMultiple * MatrixUnit.TermMultiple;

        /// <summary>Numbers of the packed input.</summary>
        public readonly long PackedSize => VnniPanels.CountOf(Inputs) * VnniPanels.SizeOf(Terms);
    }

    /// <summary>Adds.</summary>
    public static void Run(IReadOnlyList<Block> blocks)
    {
        using var packed = empty(blocks.Sum(block => block.PackedSize), ScalarType.BFloat16);
        var x_MD = new nint[blocks.Count];
        x_MD[0] = (nint)TensorMemory.Pointer<Bf16>(packed);
        for (var b = 1; b < blocks.Count; b++)
            x_MD[b] = x_MD[b - 1] + ((nint)blocks[b - 1].PackedSize * sizeof(Bf16));
        var packing = Pieces(blocks, block => block.Terms, TermsOfAChunk);
        Cores.For(packing.Count, i => PackInputs(blocks[packing[i].Block], packing[i].First, packing[i].Count, (Bf16*)x_MD[packing[i].Block]));
        var pieces = Pieces(blocks, block => block.Outputs, OutputsOfAPiece);
        MatrixUnit.For(pieces.Count, i => Multiply(blocks[pieces[i].Block], pieces[i].First, pieces[i].Count, (Bf16*)x_MD[pieces[i].Block]));
    }

    private static List<(int Block, int First, int Count)> Pieces(IReadOnlyList<Block> blocks, Func<Block, int> count, int size)
    {
        var pieces = new List<(int, int, int)>();
        for (var b = 0; b < blocks.Count; b++)
            for (var first = 0; first < count(blocks[b]); first += size)
                pieces.Add((b, first, Math.Min(size, count(blocks[b]) - first)));
        return pieces;
    }

    /// <summary>Some rows of the input, those beyond the last as zeros.</summary>
    private static void PackInputs(in Block block, int first, int count, Bf16* panels)
    {
        var rows = Math.Min(count, block.Rows - first);
        VnniPanels.FromRows(block.X_MD + (first * block.XRow), (nint)block.XRow, rows, block.Inputs, panels + (first * VnniPanels.Columns), block.Terms);
        for (var term = (rows + 1) / 2 * 2; term < count; term += 2)
            for (var panel = 0; panel < VnniPanels.CountOf(block.Inputs); panel++)
                new Span<Bf16>(panels + (panel * VnniPanels.SizeOf(block.Terms)) + ((first + term) * VnniPanels.Columns), 2 * VnniPanels.Columns).Clear();
    }

    private static void Multiply(in Block block, int firstOutput, int outputs, Bf16* x_MD)
    {
        var chunks = (block.Terms + TermsOfAChunk - 1) / TermsOfAChunk;
        var dy_EM = (Bf16*)ThreadBuffer.Of(chunks * OutputsOfAPiece * TermsOfAChunk / 2); // chunk by chunk, so that rows are as long whatever M
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            var first = chunk * TermsOfAChunk;
            VnniPanels.Turned(block.DY_ME + (first * block.DYRow) + firstOutput, (nint)block.DYRow, Math.Min(TermsOfAChunk, block.Rows - first), outputs, dy_EM + (chunk * OutputsOfAPiece * TermsOfAChunk), TermsOfAChunk);
        }
        for (var column = 0; column < block.Inputs; column += VnniPanels.Columns)
            for (var chunk = 0; chunk < chunks; chunk++)
            {
                var first = chunk * TermsOfAChunk;
                MatrixUnit.Multiply(outputs, Math.Min(VnniPanels.Columns, block.Inputs - column), Math.Min(TermsOfAChunk, block.Terms - first), dy_EM + (chunk * OutputsOfAPiece * TermsOfAChunk), TermsOfAChunk,
                    x_MD + (column * (long)block.Terms) + (first * VnniPanels.Columns), block.Gradient_ED + ((long)firstOutput * block.Inputs) + column, block.Inputs, add: true);
            }
    }
}
