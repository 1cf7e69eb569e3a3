// Legend: R queries of a block, S keys of a panel.
namespace MixtureOfTransformers.Kernels;

/// <summary>How attention by the matrix unit is cut. Another product than the one before costs the unit 0.6 µs, more than a product of 64 × 64 × 64 takes: blocks of queries wait
/// for each other, short documents in one piece of work, so that products of one kind follow one another.</summary>
internal static class MatrixAttentionPieces
{
    private const int PanelsOfAPiece = 8, Pieces = 64;

    /// <summary>Some documents that follow one another.</summary>
    /// <param name="First">The first.</param>
    /// <param name="End">The one after the last.</param>
    public readonly record struct Documents(int First, int End);

    /// <summary>A block of queries of one head.</summary>
    /// <param name="Document">Its document.</param>
    /// <param name="Head">Its head.</param>
    /// <param name="First">Its first query's place in the document.</param>
    /// <param name="Rows">Its queries.</param>
    /// <param name="KeyPanel">The piece's panel that holds the document's first keys.</param>
    /// <param name="Panels">Panels of keys that it sees.</param>
    /// <param name="Index">How many blocks wait before it.</param>
    /// <param name="Tile">How many tiles of scores they have.</param>
    public readonly record struct Block(int Document, int Head, int First, int Rows, int KeyPanel, int Panels, int Index, int Tile);

    /// <summary>Documents that are one piece of work for each key/value head: so few that there are pieces for many cores, whatever their number, since gradients of norm weights are
    /// summed piece by piece.</summary>
    public static List<Documents> Of(in AttentionProblem<Bf16> p)
    {
        var panels = p.Spans.Lengths.Sum(MatrixAttention.PanelsOf);
        var most = Math.Clamp(panels * p.KeyValueHeadCount / Pieces, 1, PanelsOfAPiece);
        var pieces = new List<Documents>();
        for (var (first, end) = (0, 0); first < p.Spans.Lengths.Length; first = end)
        {
            var count = MatrixAttention.PanelsOf(p.Spans.Lengths[end++]);
            while (end < p.Spans.Lengths.Length && count + MatrixAttention.PanelsOf(p.Spans.Lengths[end]) <= most)
                count += MatrixAttention.PanelsOf(p.Spans.Lengths[end++]);
            pieces.Add(new(first, end));
        }
        return pieces;
    }

    /// <summary>All blocks of a piece, in groups of at most <paramref name="tiles"/> tiles of scores; a block that has more is alone.</summary>
    public static List<List<Block>> Batches(in AttentionProblem<Bf16> p, Documents documents, int keyHead, int tiles)
    {
        var group = p.HeadCount / p.KeyValueHeadCount;
        var (batches, batch, used, keyPanel) = (new List<List<Block>>(), new List<Block>(), 0, 0);
        for (var document = documents.First; document < documents.End; keyPanel += MatrixAttention.PanelsOf(p.Spans.Lengths[document++]))
            for (var head = keyHead * group; head < (keyHead + 1) * group; head++)
                for (var first = p.LastOnly ? p.Spans.Lengths[document] - 1 : 0; first < p.Spans.Lengths[document]; first += MatrixAttention.BlockRows)
                {
                    var rows = Math.Min(MatrixAttention.BlockRows, p.Spans.Lengths[document] - first);
                    var panels = MatrixAttention.PanelsOf(p.Spans.Limit(document, first + rows - 1));
                    if (batch.Count > 0 && used + panels > tiles)
                    {
                        batches.Add(batch);
                        (batch, used) = ([], 0);
                    }
                    batch.Add(new(document, head, first, rows, keyPanel, panels, batch.Count, used));
                    used += panels;
                }
        batches.Add(batch);
        return batches;
    }
}
