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
        Cores.For(problem.PieceCount, piece =>
        {
            Piece(problem, piece / problem.KeyValueHeadCount, piece % problem.KeyValueHeadCount, dResult, dQkv, dWeights + ((long)piece * share));
            MatrixUnit.Release();
        });
    }

    private static void Piece(in AttentionProblem<Bf16> p, int document, int keyHead, Bf16* dResult, Bf16* dQkv, float* dWeights)
    {
        var (length, width) = (p.Spans.Lengths[document], p.HeadDim);
        var m = new Memory(MatrixAttention.PanelsOf(length), width);
        for (var first = 0; first < length; first += PanelKeys)
            LoadKeysAndValues(p, document, keyHead, first, m);
        new Span<float>(m.DK_KS, 2 * m.Panels * m.PanelSize).Clear();

        var group = p.HeadCount / p.KeyValueHeadCount;
        for (var head = keyHead * group; head < (keyHead + 1) * group; head++)
            for (var first = 0; first < length; first += BlockRows)
            {
                var rows = Math.Min(BlockRows, length - first);
                var whole = MatrixAttention.WholeRows(rows);
                LoadQueries(p, document, head, first, rows, whole, dResult, m);
                Multiply(whole, MatrixAttention.PanelsOf(p.Spans.Limit(document, first + rows - 1)), width, m);
                for (var r = 0; r < rows; r++)
                {
                    var (token, row) = AttentionForward.Locate(p, document, first + r);
                    p.Query.Differentiate(p.QueryOf(row, head), p.Spans.Position(document, token), p.Tower(row), m.DQ_RK + (r * width), dQkv + (p.QueryOf(row, head) - p.Qkv), dWeights);
                }
            }
        for (var i = 0; i < m.Panels; i++)
        {
            TurnBack(m.DK_KS + (i * m.PanelSize), width, m.Rows_RK);
            TurnBack(m.DV_KS + (i * m.PanelSize), width, m.DQ_RK);
            AttentionBackward.StoreKeyAndValueGradients(p, document, keyHead, i * PanelKeys, Math.Min(PanelKeys, length - (i * PanelKeys)), m.Rows_RK, m.DQ_RK, dQkv, dWeights + (p.TowerOffsets.Length * width));
        }
    }

    private static void LoadKeysAndValues(in AttentionProblem<Bf16> p, int document, int keyHead, int first, in Memory m)
    {
        var (count, width, panel) = (Math.Min(PanelKeys, p.Spans.Lengths[document] - first), p.HeadDim, first / PanelKeys);
        var values_SK = (Bf16*)m.DQ_RK;
        for (var s = 0; s < count; s++)
            new Span<Bf16>(AttentionForward.LoadKey(p, document, keyHead, first + s, m.Rows_RK + (s * width)), width).CopyTo(new(values_SK + (s * width), width));
        new Span<float>(m.Rows_RK + (count * width), (PanelKeys - count) * width).Clear();
        VnniPanels.FromColumns((Fp32*)m.Rows_RK, width, count, width, m.K_KS + (panel * m.PanelSize));
        VnniPanels.FromColumns(values_SK, width, count, width, m.V_KS + (panel * m.PanelSize));
        MatrixAttention.KeysAsTerms((Fp32*)m.Rows_RK, width, m.K_SK + (panel * m.TermsSize));
    }

    private static void LoadQueries(in AttentionProblem<Bf16> p, int document, int head, int first, int rows, int whole, Bf16* dResult, in Memory m)
    {
        var width = p.HeadDim;
        AttentionForward.LoadQueries(p, document, head, first, rows, whole, m.Rows_RK);
        MatrixAttention.Round(m.Rows_RK, whole * width, m.Q_RK);
        VnniPanels.Turned(m.Q_RK, width, whole, width, m.Q_KR, BlockRows);
        AttentionBackward.LoadResultGradients(p, document, head, first, rows, whole, dResult, m.Rows_RK, m.Dots_R);
        MatrixAttention.Round(m.Rows_RK, whole * width, m.DO_RK);
        VnniPanels.Turned(m.DO_RK, width, whole, width, m.DO_KR, BlockRows);
        var logSumExp = AttentionForward.LogSumExpOf(p, head, document, first);
        for (var r = 0; r < whole; r++)
        {
            m.Shifts_R[r] = r < rows ? -logSumExp[r] * MatrixAttention.Log2E : 0;
            m.Limits_R[r] = r < rows ? p.Spans.Limit(document, first + r) : 0;
        }
    }

    /// <summary>All products of a block of queries, with the keys of the first <paramref name="panels"/> panels.</summary>
    private static void Multiply(int rows, int panels, int width, in Memory m)
    {
        new Span<float>(m.DQ_RK, rows * width).Clear();
        for (var i = 0; i < panels; i++)
        {
            MatrixUnit.Multiply(rows, PanelKeys, width, m.Q_RK, width, m.K_KS + (i * m.PanelSize), m.Scores_RS, PanelKeys, add: false);
            MatrixUnit.Multiply(rows, PanelKeys, width, m.DO_RK, width, m.V_KS + (i * m.PanelSize), m.DWeights_RS, PanelKeys, add: false);
            DifferentiateSoftmax(rows, i * PanelKeys, m);
            MatrixUnit.Multiply(width, PanelKeys, rows, m.DO_KR, BlockRows, m.PairedP_RS, m.DV_KS + (i * m.PanelSize), PanelKeys, add: true);
            MatrixUnit.Multiply(width, PanelKeys, rows, m.Q_KR, BlockRows, m.PairedDS_RS, m.DK_KS + (i * m.PanelSize), PanelKeys, add: true);
            MatrixAttention.AddOverKeys(rows, m.DS_RS, m.K_SK + (i * m.TermsSize), width, m.DQ_RK);
        }
    }

    /// <summary>Weights and gradients of scores, in bf16 for the products over queries (pairs of rows) and over keys; both are 0 beyond the limit.</summary>
    private static void DifferentiateSoftmax(int rows, int firstKey, in Memory m)
    {
        const int Lanes = VectorMath.Lanes;
        float* scores_RS = m.Scores_RS, dWeights_RS = m.DWeights_RS;
        Bf16* dS_RS = m.DS_RS, pairedDS_RS = m.PairedDS_RS, pairedP_RS = m.PairedP_RS;
        for (var r = 0; r < rows; r += 2)
        {
            Query query = new(m, r, firstKey), next = new(m, r + 1, firstKey);
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
        public readonly int Panels, PanelSize, TermsSize;

        /// <summary>One tile of scores; gradients of its weights.</summary>
        public readonly float* Scores_RS, DWeights_RS;

        /// <summary>Room for a block of rows; gradient of a block of queries.</summary>
        public readonly float* Rows_RK, DQ_RK;

        /// <summary>Gradients of keys and of values, panel by panel, one after the other.</summary>
        public readonly float* DK_KS, DV_KS;

        /// <summary>Of each query of a block: what is added to its scores as exponents of 2, and what its softmax's gradient subtracts.</summary>
        public readonly float* Shifts_R, Dots_R;

        /// <summary>Keys that each query of a block sees.</summary>
        public readonly int* Limits_R;

        /// <summary>Keys and values as columns, keys as terms, panel by panel.</summary>
        public readonly Bf16* K_KS, V_KS, K_SK;

        /// <summary>Queries and gradients of results of a block, and both turned.</summary>
        public readonly Bf16* Q_RK, DO_RK, Q_KR, DO_KR;

        /// <summary>Gradients of a tile's scores; the same and weights in pairs of rows.</summary>
        public readonly Bf16* DS_RS, PairedDS_RS, PairedP_RS;

        public Memory(int panels, int width)
        {
            (Panels, PanelSize, TermsSize) = (panels, PanelKeys * width, MatrixAttention.TermsSize(width));
            var (block, keys) = (BlockRows * width, panels * PanelSize);
            Scores_RS = ThreadBuffer.Of((2 * (TileSize + block + keys)) + (3 * BlockRows) + (((2 * keys) + (panels * TermsSize) + (4 * block) + (3 * TileSize)) / 2));
            DWeights_RS = Scores_RS + TileSize;
            Rows_RK = DWeights_RS + TileSize;
            DQ_RK = Rows_RK + block;
            DK_KS = DQ_RK + block;
            DV_KS = DK_KS + keys;
            Shifts_R = DV_KS + keys;
            Dots_R = Shifts_R + BlockRows;
            Limits_R = (int*)(Dots_R + BlockRows);
            K_KS = (Bf16*)(Limits_R + BlockRows);
            V_KS = K_KS + keys;
            K_SK = V_KS + keys;
            Q_RK = K_SK + (panels * TermsSize);
            DO_RK = Q_RK + block;
            Q_KR = DO_RK + block;
            DO_KR = Q_KR + block;
            DS_RS = DO_KR + block;
            PairedDS_RS = DS_RS + TileSize;
            PairedP_RS = PairedDS_RS + TileSize;
        }
    }
}
