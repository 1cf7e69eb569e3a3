// Legend: R queries of a block, S keys of a panel, K head width.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary><see cref="AttentionBackward"/> with its products in the matrix unit. Gradients of keys and values are summed in fp32 and turned, [K, S]: queries and gradients of results are turned
/// for it, of which there are few.</summary>
internal static unsafe class MatrixAttentionBackward
{
    private const int BlockRows = MatrixAttention.BlockRows, PanelKeys = MatrixAttention.PanelKeys, TileSize = MatrixAttention.TileSize;

    /// <summary>As <see cref="AttentionBackward.Run"/>.</summary>
    public static void Run(AttentionProblem<Bf16> problem, Bf16* dResult, Bf16* dQkv, float* dWeights)
    {
        var share = 2 * problem.TowerOffsets.Length * problem.HeadDim;
        var pieces = MatrixAttentionPieces.Of(problem);
        MatrixUnit.For(pieces.Count * problem.KeyValueHeadCount, piece =>
            Piece(problem, pieces[piece / problem.KeyValueHeadCount], piece % problem.KeyValueHeadCount, dResult, dQkv, dWeights + ((long)piece * share)));
    }

    private static void Piece(in AttentionProblem<Bf16> p, MatrixAttentionPieces.Documents documents, int keyHead, Bf16* dResult, Bf16* dQkv, float* dWeights)
    {
        var batches = MatrixAttentionPieces.Batches(p, documents, keyHead, MatrixAttention.TilesOfABatch);
        var (rows, width, lastBlock) = (MatrixAttention.RowsOf(batches), p.HeadDim, batches[^1][^1]);
        var panels = lastBlock.KeyPanel + MatrixAttention.PanelsOf(p.Spans.Lengths[lastBlock.Document]);
        var m = new Memory(panels, Math.Max(MatrixAttention.TilesOfABatch, panels), width);
        for (var (document, panel) = (documents.First, 0); document < documents.End; document++)
            for (var first = 0; first < p.Spans.Lengths[document]; first += PanelKeys, panel++)
                LoadKeysAndValues(p, document, keyHead, first, panel, m);
        new Span<float>(m.DK_KS, 2 * panels * m.PanelSize).Clear();
        foreach (var batch in batches)
        {
            foreach (var block in batch)
                MultiplyForScores(p, block, rows, dResult, m);
            foreach (var block in batch)
                MultiplyForKeysAndValues(block, rows, width, m);
            foreach (var block in batch)
                MultiplyForQueries(p, block, rows, dQkv, dWeights, m);
        }
        for (var (document, panel) = (documents.First, 0); document < documents.End; document++)
            for (var first = 0; first < p.Spans.Lengths[document]; first += PanelKeys, panel++)
            {
                TurnBack(m.DK_KS + (panel * m.PanelSize), width, m.Rows_RK);
                TurnBack(m.DV_KS + (panel * m.PanelSize), width, m.DQ_RK);
                AttentionBackward.StoreKeyAndValueGradients(p, document, keyHead, first, Math.Min(PanelKeys, p.Spans.Lengths[document] - first), m.Rows_RK, m.DQ_RK, dQkv, dWeights + (p.TowerOffsets.Length * width));
            }
    }

    private static void LoadKeysAndValues(in AttentionProblem<Bf16> p, int document, int keyHead, int first, int panel, in Memory m)
    {
        var (count, width) = (Math.Min(PanelKeys, p.Spans.Lengths[document] - first), p.HeadDim);
        var values_SK = (Bf16*)m.DQ_RK;
        AttentionForward.LoadKeys(p, document, keyHead, first, count, m.Rows_RK);
        for (var s = 0; s < count; s++)
            new Span<Bf16>(p.ValueOf(AttentionForward.Locate(p, document, first + s).Row, keyHead), width).CopyTo(new(values_SK + (s * width), width));
        new Span<float>(m.Rows_RK + (count * width), (PanelKeys - count) * width).Clear();
        VnniPanels.FromColumns((Fp32*)m.Rows_RK, width, count, width, m.K_KS + (panel * m.PanelSize));
        VnniPanels.FromColumns(values_SK, width, count, width, m.V_KS + (panel * m.PanelSize));
        MatrixAttention.KeysAsTerms((Fp32*)m.Rows_RK, width, m.K_SK + (panel * m.TermsSize));
    }

    /// <summary>Scores of a block, and gradients of its weights.</summary>
    private static void MultiplyForScores(in AttentionProblem<Bf16> p, in MatrixAttentionPieces.Block block, int rows, Bf16* dResult, in Memory m)
    {
        var (width, ofBlock, firstRow) = (p.HeadDim, block.Index * m.PanelSize, block.Index * BlockRows);
        AttentionForward.LoadQueries(p, block.Document, block.Head, block.First, block.Rows, rows, m.Rows_RK);
        MatrixAttention.Round(m.Rows_RK, rows * width, m.Q_RK);
        VnniPanels.Turned(m.Q_RK, width, rows, width, m.Q_KR + ofBlock, BlockRows);
        AttentionBackward.LoadResultGradients(p, block.Document, block.Head, block.First, block.Rows, rows, dResult, m.Rows_RK, m.Dots_R + firstRow);
        MatrixAttention.Round(m.Rows_RK, rows * width, m.DO_RK);
        VnniPanels.Turned(m.DO_RK, width, rows, width, m.DO_KR + ofBlock, BlockRows);
        var logSumExp = AttentionForward.LogSumExpOf(p, block.Head, block.Document, block.First);
        for (var r = 0; r < rows; r++)
        {
            m.Shifts_R[firstRow + r] = r < block.Rows ? -logSumExp[r] * MatrixAttention.Log2E : 0;
            m.Limits_R[firstRow + r] = r < block.Rows ? p.Spans.Limit(block.Document, block.First + r) : 0;
        }
        for (var i = 0; i < block.Panels; i++)
        {
            var (keys, tile) = ((block.KeyPanel + i) * m.PanelSize, (block.Tile + i) * TileSize);
            MatrixUnit.Multiply(rows, PanelKeys, width, m.Q_RK, width, m.K_KS + keys, m.Scores_RS + tile, PanelKeys, add: false);
            MatrixUnit.Multiply(rows, PanelKeys, width, m.DO_RK, width, m.V_KS + keys, m.DWeights_RS + tile, PanelKeys, add: false);
        }
    }

    private static void MultiplyForKeysAndValues(in MatrixAttentionPieces.Block block, int rows, int width, in Memory m)
    {
        for (var i = 0; i < block.Panels; i++)
        {
            DifferentiateSoftmax(rows, block.Index * BlockRows, i * PanelKeys, (block.Tile + i) * TileSize, m);
            var keys = (block.KeyPanel + i) * m.PanelSize;
            MatrixUnit.Multiply(width, PanelKeys, rows, m.DO_KR + (block.Index * m.PanelSize), BlockRows, m.PairedP_RS, m.DV_KS + keys, PanelKeys, add: true);
            MatrixUnit.Multiply(width, PanelKeys, rows, m.Q_KR + (block.Index * m.PanelSize), BlockRows, m.PairedDS_RS, m.DK_KS + keys, PanelKeys, add: true);
        }
    }

    private static void MultiplyForQueries(in AttentionProblem<Bf16> p, in MatrixAttentionPieces.Block block, int rows, Bf16* dQkv, float* dWeights, in Memory m)
    {
        new Span<float>(m.DQ_RK, rows * p.HeadDim).Clear();
        for (var i = 0; i < block.Panels; i++)
            MatrixAttention.AddOverKeys(rows, m.DS_RS + ((block.Tile + i) * TileSize), m.K_SK + ((block.KeyPanel + i) * m.TermsSize), p.HeadDim, m.DQ_RK);
        HeadRows.Differentiate(p, p.Query, block.Head, block.Document, block.First, block.Rows, m.DQ_RK, dQkv, dWeights);
    }

    /// <summary>Weights and gradients of scores, in bf16 for the products over queries (pairs of rows) and over keys; both are 0 beyond the limit.</summary>
    private static void DifferentiateSoftmax(int rows, int firstRow, int firstKey, int tile, in Memory m)
    {
        const int Lanes = VectorMath.Lanes;
        float* scores_RS = m.Scores_RS + tile, dWeights_RS = m.DWeights_RS + tile;
        Bf16* dS_RS = m.DS_RS + tile, pairedDS_RS = m.PairedDS_RS, pairedP_RS = m.PairedP_RS;
        for (var r = 0; r < rows; r += 2)
        {
            Query query = new(m, firstRow + r, firstKey), next = new(m, firstRow + r + 1, firstKey);
            for (var s = 0; s < PanelKeys; s += MatrixAttention.PairedKeys)
            {
                var at = (r * PanelKeys) + s;
                var (p0, dS0) = query.Differentiate(scores_RS + at, dWeights_RS + at, s);
                var (p1, dS1) = query.Differentiate(scores_RS + at + Lanes, dWeights_RS + at + Lanes, s + Lanes);
                MatrixAttention.Pair(dS0, dS1).Store((uint*)(dS_RS + at));
                at += PanelKeys;
                var (nextP0, nextDS0) = next.Differentiate(scores_RS + at, dWeights_RS + at, s);
                var (nextP1, nextDS1) = next.Differentiate(scores_RS + at + Lanes, dWeights_RS + at + Lanes, s + Lanes);
                MatrixAttention.Pair(nextDS0, nextDS1).Store((uint*)(dS_RS + at));
                var paired = (r * PanelKeys) + (2 * s);
                MatrixAttention.Pair(dS0, nextDS0).Store((uint*)(pairedDS_RS + paired));
                MatrixAttention.Pair(dS1, nextDS1).Store((uint*)(pairedDS_RS + paired) + Lanes);
                MatrixAttention.Pair(p0, nextP0).Store((uint*)(pairedP_RS + paired));
                MatrixAttention.Pair(p1, nextP1).Store((uint*)(pairedP_RS + paired) + Lanes);
            }
        }
    }

    private static void TurnBack(float* x_KS, int width, float* x_SK)
    {
        for (var k = 0; k < width; k += VectorMath.Lanes)
            for (var s = 0; s < PanelKeys; s += VectorMath.Lanes)
                Transposition.Turn((uint*)(x_KS + (k * PanelKeys) + s), PanelKeys, (uint*)(x_SK + (s * width) + k), width);
    }

    /// <summary>What softmax needs of one query of a block.</summary>
    private readonly struct Query(in Memory m, int r, int firstKey)
    {
        private readonly Vector512<float> _shift = Vector512.Create(m.Shifts_R[r]), _dot = Vector512.Create(m.Dots_R[r]);
        private readonly int _limit = m.Limits_R[r] - firstKey;

        /// <summary>Sixteen weights and gradients of scores, rounded.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (Vector512<uint> P, Vector512<uint> DS) Differentiate(float* scores, float* dWeights, int s)
        {
            var p = VectorMath.Exp2(Vector512.FusedMultiplyAdd(Vector512.Load(scores), Vector512.Create(MatrixAttention.Log2E), _shift));
            var dS = p * (Vector512.Load(dWeights) - _dot);
            if (_limit - s < VectorMath.Lanes)
            {
                var seen = AttentionForward.Below(_limit - s);
                (p, dS) = (p & seen, dS & seen);
            }
            return (MatrixAttention.Rounded(p), MatrixAttention.Rounded(dS));
        }
    }

    /// <summary>The numbers of a piece, in its thread's buffer.</summary>
    private readonly struct Memory
    {
        /// <summary>Numbers of a panel of keys, or of a block of queries; of a panel of keys as terms.</summary>
        public readonly int PanelSize, TermsSize;

        /// <summary>Scores and gradients of weights, tile by tile.</summary>
        public readonly float* Scores_RS, DWeights_RS;

        /// <summary>Room for a block of rows; gradient of a block of queries.</summary>
        public readonly float* Rows_RK, DQ_RK;

        /// <summary>Gradients of keys and of values, panel by panel, one after the other.</summary>
        public readonly float* DK_KS, DV_KS;

        /// <summary>Of each query, block by block: what is added to its scores as exponents of 2, and what its softmax's gradient subtracts.</summary>
        public readonly float* Shifts_R, Dots_R;

        /// <summary>Keys that each query sees.</summary>
        public readonly int* Limits_R;

        /// <summary>Keys and values as columns, keys as terms, panel by panel.</summary>
        public readonly Bf16* K_KS, V_KS, K_SK;

        /// <summary>One block of queries and of gradients of results.</summary>
        public readonly Bf16* Q_RK, DO_RK;

        /// <summary>Both turned, block by block.</summary>
        public readonly Bf16* Q_KR, DO_KR;

        /// <summary>Gradients of scores, tile by tile.</summary>
        public readonly Bf16* DS_RS;

        /// <summary>Those and the weights of one tile, in pairs of rows.</summary>
        public readonly Bf16* PairedDS_RS, PairedP_RS;

        /// <param name="panels">Panels of keys.</param>
        /// <param name="tiles">Tiles of scores, and so at most blocks, of a batch.</param>
        /// <param name="width">K.</param>
        public Memory(int panels, int tiles, int width)
        {
            (PanelSize, TermsSize) = (PanelKeys * width, MatrixAttention.TermsSize(width));
            var (keys, queries, rows, scores) = (panels * PanelSize, tiles * PanelSize, tiles * BlockRows, tiles * TileSize);
            Scores_RS = ThreadBuffer.Of((2 * (scores + PanelSize + keys)) + (3 * rows) + (((2 * keys) + (panels * TermsSize) + (2 * (PanelSize + queries)) + scores + (2 * TileSize)) / 2));
            DWeights_RS = Scores_RS + scores;
            Rows_RK = DWeights_RS + scores;
            DQ_RK = Rows_RK + PanelSize;
            DK_KS = DQ_RK + PanelSize;
            DV_KS = DK_KS + keys;
            Shifts_R = DV_KS + keys;
            Dots_R = Shifts_R + rows;
            Limits_R = (int*)(Dots_R + rows);
            K_KS = (Bf16*)(Limits_R + rows);
            V_KS = K_KS + keys;
            K_SK = V_KS + keys;
            Q_RK = K_SK + (panels * TermsSize);
            DO_RK = Q_RK + PanelSize;
            Q_KR = DO_RK + PanelSize;
            DO_KR = Q_KR + queries;
            DS_RS = DO_KR + queries;
            PairedDS_RS = DS_RS + scores;
            PairedP_RS = PairedDS_RS + TileSize;
        }
    }
}
