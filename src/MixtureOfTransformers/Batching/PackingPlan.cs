using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Batching;

/// <summary>One epoch laid out in rows by best-fit packing (Ding et al. 2024, "Fewer Truncations Improve Language Modeling"): a document that fits into a row is never cut, a longer one
/// fills whole rows and leaves a rest (none where that would be its last token alone), and each piece goes into the row it fills best. Depends on the lengths of the documents, the row length, seed and epoch alone.</summary>
internal sealed class PackingPlan
{
    private readonly Piece[][] _rows;

    private PackingPlan(Piece[][] rows) => _rows = rows;

    /// <summary>Rows of the epoch.</summary>
    public int RowCount => _rows.Length;

    /// <summary>The pieces of a row, in order; what they leave of it is padding.</summary>
    public ReadOnlySpan<Piece> Row(long row) => _rows[row];

    /// <summary>Plans an epoch.</summary>
    /// <param name="data">The documents; only their lengths matter.</param>
    /// <param name="length">Tokens per row, T.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <param name="epoch">Each epoch has another order.</param>
    public static PackingPlan Create(PreparedSplit data, int length, long seed, long epoch)
    {
        var random = new SeededRandom(seed, epoch);
        var order = Enumerable.Range(0, data.DocumentCount).ToArray();
        random.Shuffle(order.AsSpan());
        var open = new OpenRows(length);
        foreach (var piece in order.SelectMany(document => Cut(document, data.Ids(document).Length, length)).OrderByDescending(p => p.Length))
            open.Add(piece);
        var rows = open.ToArray();
        random.Shuffle(rows.AsSpan());
        return new(rows);
    }

    private static IEnumerable<Piece> Cut(int document, int tokens, int length)
    {
        // A last token by itself has nothing to predict and nobody to attend to it.
        for (var start = 0; start < tokens && (start == 0 || start < tokens - 1); start += length)
            yield return new(document, start, Math.Min(length, tokens - start));
    }

    /// <summary>Rows by the room that is left in them.</summary>
    private sealed class OpenRows(int length)
    {
        private readonly List<List<Piece>> _rows = [];
        private readonly Dictionary<int, Stack<int>> _byRoom = [];
        private readonly SortedSet<int> _rooms = [];

        public void Add(Piece piece)
        {
            var (row, room) = Take(piece.Length);
            _rows[row].Add(piece);
            if (room > piece.Length)
                Put(row, room - piece.Length);
        }

        public Piece[][] ToArray() => [.. _rows.Select(r => r.ToArray())];

        private (int Row, int Room) Take(int needed)
        {
            var room = _rooms.GetViewBetween(needed, length).Min; // 0 when there is none
            if (room == 0)
            {
                _rows.Add([]);
                return (_rows.Count - 1, length);
            }
            var row = _byRoom[room].Pop();
            if (_byRoom[room].Count == 0)
                _rooms.Remove(room);
            return (row, room);
        }

        private void Put(int row, int room)
        {
            if (!_byRoom.TryGetValue(room, out var rows))
                _byRoom.Add(room, rows = []);
            rows.Push(row);
            _rooms.Add(room);
        }
    }
}
