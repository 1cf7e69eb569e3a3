// Legend: R queries of a block, S keys of a document in panels of 64 (scores and weights panel by panel, each [R, 64]), K head width.
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MixtureOfTransformers.Kernels;

/// <summary><see cref="AttentionForward"/> with its products in the matrix unit: queries, keys, values and weights are rounded to bf16, sums and softmax stay in fp32.</summary>
internal static unsafe class MatrixAttentionForward
{
    private const int BlockRows = MatrixAttention.BlockRows, PanelKeys = MatrixAttention.PanelKeys, PairedKeys = MatrixAttention.PairedKeys, TileSize = MatrixAttention.TileSize;

    /// <summary>As <see cref="AttentionForward.Run"/>.</summary>
    public static void Run(AttentionProblem<Bf16> problem)
    {
        var pieces = MatrixAttentionPieces.Of(problem);
        MatrixUnit.For(pieces.Count * problem.KeyValueHeadCount, piece => Piece(problem, pieces[piece / problem.KeyValueHeadCount], piece % problem.KeyValueHeadCount));
    }

    private static void Piece(in AttentionProblem<Bf16> p, MatrixAttentionPieces.Documents documents, int keyHead)
    {
        var batches = MatrixAttentionPieces.Batches(p, documents, keyHead, MatrixAttention.TilesOfABatch);
        var (rows, width, lastBlock) = (MatrixAttention.RowsOf(batches), p.HeadDim, batches[^1][^1]);
        var panels = lastBlock.KeyPanel + MatrixAttention.PanelsOf(p.Spans.Lengths[lastBlock.Document]);
        var (tiles, panel, terms) = (Math.Max(MatrixAttention.TilesOfABatch, panels) * TileSize, PanelKeys * width, MatrixAttention.TermsSize(width));
        var scores_RS = ThreadBuffer.Of(tiles + (BlockRows * (width + 1)) + ((tiles + (panels * (panel + terms)) + (BlockRows * width)) / 2));
        float* rows_RK = scores_RS + tiles, inverseSums_R = rows_RK + (BlockRows * width);
        var k_KS = (Bf16*)(inverseSums_R + BlockRows);
        Bf16* v_SK = k_KS + (panels * panel), weights_RS = v_SK + (panels * terms), q_RK = weights_RS + tiles;
        for (var (document, i) = (documents.First, 0); document < documents.End; document++)
            for (var first = 0; first < p.Spans.Lengths[document]; first += PanelKeys, i++)
                LoadKeysAndValues(p, document, keyHead, first, k_KS + (i * panel), v_SK + (i * terms), rows_RK, (Bf16*)scores_RS);
        foreach (var batch in batches)
        {
            foreach (var block in batch)
            {
                AttentionForward.LoadQueries(p, block.Document, block.Head, block.First, block.Rows, rows, rows_RK);
                MatrixAttention.Round(rows_RK, rows * width, q_RK);
                for (var i = 0; i < block.Panels; i++)
                    MatrixUnit.Multiply(rows, PanelKeys, width, q_RK, width, k_KS + ((block.KeyPanel + i) * panel), scores_RS + ((block.Tile + i) * TileSize), PanelKeys, add: false);
            }
            foreach (var block in batch)
            {
                var tile = block.Tile * TileSize;
                Softmax(p, block, rows, scores_RS + tile, weights_RS + tile, inverseSums_R);
                new Span<float>(rows_RK, rows * width).Clear();
                for (var i = 0; i < block.Panels; i++)
                    MatrixAttention.AddOverKeys(rows, weights_RS + tile + (i * TileSize), v_SK + ((block.KeyPanel + i) * terms), width, rows_RK);
                AttentionForward.Store(p, block.Document, block.Head, block.First, block.Rows, rows_RK, inverseSums_R);
            }
        }
    }

    /// <summary>One panel of keys and values; the last two are room for 64 of each.</summary>
    private static void LoadKeysAndValues(in AttentionProblem<Bf16> p, int document, int keyHead, int first, Bf16* k_KS, Bf16* v_SK, float* keys_SK, Bf16* values_SK)
    {
        var (count, width) = (Math.Min(PanelKeys, p.Spans.Lengths[document] - first), p.HeadDim);
        AttentionForward.LoadKeys(p, document, keyHead, first, count, keys_SK);
        for (var s = 0; s < count; s++)
        {
            var value = p.ValueOf(AttentionForward.Locate(p, document, first + s).Row, keyHead);
            new Span<Bf16>(value, width).CopyTo(new(values_SK + (s * width), width));
            AttentionForward.Keep(p, document, keyHead, first + s, keys_SK + (s * width), value);
        }
        new Span<Bf16>(values_SK + (count * width), (PanelKeys - count) * width).Clear();
        VnniPanels.FromColumns((Fp32*)keys_SK, width, count, width, k_KS);
        MatrixAttention.KeysAsTerms(values_SK, width, v_SK);
    }

    /// <summary>Writes the exponentials of a block's scores, 0 beyond each query's limit, without dividing by their sums. One pass for each step, so that queries do not wait for each other.</summary>
    private static void Softmax(in AttentionProblem<Bf16> p, in MatrixAttentionPieces.Block block, int rows, float* scores_RS, Bf16* weights_RS, float* inverseSums_R)
    {
        float* largest_R = stackalloc float[BlockRows], sums_R = stackalloc float[BlockRows];
        for (var r = 0; r < block.Rows; r++)
            largest_R[r] = Largest(scores_RS + (r * PanelKeys), p.Spans.Limit(block.Document, block.First + r));
        for (var r = 0; r < rows; r++)
            sums_R[r] = Exponentials(scores_RS + (r * PanelKeys), weights_RS + (r * PanelKeys), r < block.Rows ? p.Spans.Limit(block.Document, block.First + r) : 0, block.Panels, largest_R[r]);
        var logSumExp = AttentionForward.LogSumExpOf(p, block.Head, block.Document, block.First);
        for (var r = 0; r < block.Rows; r++)
        {
            logSumExp[r] = largest_R[r] + MathF.Log(sums_R[r]);
            inverseSums_R[r] = 1 / sums_R[r];
        }
    }

    /// <summary>The largest score within the limit; those beyond it that share its 32 keys become -∞.</summary>
    private static float Largest(float* scores_S, int limit)
    {
        var steps = StepsOf(limit);
        if (limit % PairedKeys > 0)
            Hide(scores_S + Place(steps - 1), limit % PairedKeys);
        var largest = Vector512.Create(float.NegativeInfinity);
        for (var step = 0; step < steps; step++)
        {
            var scores = scores_S + Place(step);
            largest = Avx512F.Max(largest, Avx512F.Max(Vector512.Load(scores), Vector512.Load(scores + VectorMath.Lanes)));
        }
        return VectorMath.Largest(largest);
    }

    /// <returns>Their sum.</returns>
    private static float Exponentials(float* scores_S, Bf16* weights_S, int limit, int panels, float largest)
    {
        var steps = StepsOf(limit);
        var (factor, shift) = (Vector512.Create(MatrixAttention.Log2E), Vector512.Create(-largest * MatrixAttention.Log2E));
        var (sums, otherSums) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var step = 0; step < steps; step++)
        {
            var scores = scores_S + Place(step);
            var first = VectorMath.Exp2(Vector512.FusedMultiplyAdd(Vector512.Load(scores), factor, shift));
            var second = VectorMath.Exp2(Vector512.FusedMultiplyAdd(Vector512.Load(scores + VectorMath.Lanes), factor, shift));
            MatrixAttention.Pair(MatrixAttention.Rounded(first), MatrixAttention.Rounded(second)).Store((uint*)(weights_S + Place(step)));
            sums += first;
            otherSums += second;
        }
        for (var step = steps; step < panels * (PanelKeys / PairedKeys); step++)
            Vector512<uint>.Zero.Store((uint*)(weights_S + Place(step)));
        return Vector512.Sum(sums + otherSums);
    }

    private static int StepsOf(int limit) => (limit + PairedKeys - 1) / PairedKeys;

    /// <summary>Where 32 keys of one query begin.</summary>
    private static nint Place(int step) => (step / 2 * TileSize) + (step % 2 * PairedKeys);

    /// <summary>Leaves the first scores of 32 alone, so that the others get no weight.</summary>
    private static void Hide(float* scores, int count)
    {
        for (var s = 0; s < PairedKeys; s += VectorMath.Lanes)
            Vector512.ConditionalSelect(AttentionForward.Below(count - s), Vector512.Load(scores + s), Vector512.Create(float.NegativeInfinity)).Store(scores + s);
    }
}
