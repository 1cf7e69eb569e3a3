using CsCheck;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Batching;

public sealed class PackedStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Gen<(TokenSequence[] Documents, int Rows, int Length, long Seed)> Cases { get; } = Gen.Select(TestTokens.Documents, Gen.Int[1, 4], Gen.Int[1, 17], Gen.Long);

    [Fact]
    public void AnEpochHasEveryTokenExactlyOnceButLastOnesThatWouldStandAlone() => Sample((documents, split, rows, length, seed) =>
    {
        var expected = documents.SelectMany(d => Chunks(d, length)).SelectMany(c => c).Order().ToArray();
        var stream = new PackedStream(split, 1, length, seed);
        for (var epoch = 0; epoch < 3; epoch++)
            Assert.Equal(expected, Epoch(stream, epoch).SelectMany(Real).Select(t => (int)t.Input).Order());
    });

    [Fact]
    public void DocumentsThatFitARowAreNeverCutAndLongerOnesOnlyAtWholeRows() => Sample((documents, split, _, length, seed) =>
    {
        var pieces = Epoch(new PackedStream(split, 1, length, seed), 0).SelectMany(Pieces).ToDictionary(p => p[0].Input, p => p.Select(t => (int)t.Input).ToArray());
        var expected = documents.SelectMany(d => Chunks(d, length));
        Assert.Equal(expected.Count(), pieces.Count);
        Assert.All(expected, piece => Assert.Equal(piece, pieces[piece[0]]));
    });

    [Fact]
    public void EveryPieceOfARowIsASegmentCountedFromZero() => Sample((documents, split, rows, length, seed) =>
    {
        var documentOf = documents.SelectMany((d, i) => d.Ids.Select(id => ((long)id, i))).ToDictionary();
        var batch = new PackedStream(split, rows, length, seed).Next();
        foreach (var row in Tokens(batch).Chunk(length))
        {
            Assert.Equal(0, row[0].Segment);
            for (var i = 1; i < length; i++)
                Assert.Equal(row[i].Input == TestTokens.Pad ? Batch.PaddingSegment : row[i - 1].Segment + (documentOf[row[i].Input] == documentOf[row[i - 1].Input] ? 0 : 1), row[i].Segment);
        }
        var pairs = Tokens(batch).Chunk(length).Sum(row => row.SelectMany((q, i) => row.Take(i + 1).Where(k => k.Segment == q.Segment && q.Segment >= 0)).Count());
        Assert.Equal(pairs, batch.AttendedPairs);
    });

    [Fact]
    public void APieceGoesWhereItLeavesTheLeastRoom()
    {
        using var split = TestTokens.Write(_folder.File("best"), TestTokens.Build([3, 6, 7]));
        var rows = Epoch(new PackedStream(split, 1, 10, seed: 1), 0).Select(row => Pieces(row).Select(p => p.Length).ToArray()).OrderBy(r => r[0]);
        Assert.Equal([[6], [7, 3]], rows); // 3 fits beside either
    }

    [Fact]
    public void ThePlanNeverChangesBetweenVersions()
    {
        using var split = TestTokens.Write(_folder.File("plan"), TestTokens.Build([2, 3, 4, 5, 2, 3, 4, 5]));
        var rows = Epoch(new PackedStream(split, 1, 7, seed: 42), 0).Select(row => string.Join(' ', Real(row).Select(t => t.Input % 1000)));
        Assert.Equal(["10 11 12 13 7 8 9", "14 15 16 17 18 19 20", "24 25 26 27 21 22 23"], rows.Take(3));
    }

    [Fact]
    public void BestFitLeavesNoRowThatAnotherWouldHaveTaken() => Sample((_, split, _, length, seed) =>
    {
        var used = Epoch(new PackedStream(split, 1, length, seed), 0).Select(row => Real(row).Count()).Order().ToArray();
        Assert.All(used.Zip(used.Skip(1)), pair => Assert.True(pair.First + pair.Second > length, $"rows of {pair.First} and {pair.Second} tokens fit into one of {length}"));
    });

    [Fact]
    public void TargetIsTheNextTokenOfTheSameDocument() => Sample((documents, split, rows, length, seed) =>
    {
        var next = documents.SelectMany(d => d.Ids.Zip([.. d.Ids.Skip(1).Select(id => (long)id), Batch.IgnoredTarget])).ToDictionary(pair => (long)pair.First, pair => pair.Second);
        foreach (var token in Real(Read(new PackedStream(split, rows, length, seed), 2 * (int)split.TokenCount)))
        {
            Assert.Equal(next[token.Input], token.Target);
            Assert.Equal(token.Input >= 1000 ? 1 : 0, token.Modality);
            Assert.Equal(token.Target >= 1000 ? 1 : 0, token.TargetModality);
        }
    });

    [Fact]
    public void ResumingAnywhereEqualsNeverStopping() => Sample((_, split, rows, length, seed) =>
    {
        var whole = new PackedStream(split, rows, length, seed);
        var moved = new PackedStream(split, rows, length, seed);
        for (var i = 0; i < 8; i++)
        {
            var resumed = new PackedStream(split, rows, length, seed, whole.Position);
            moved.Position = whole.Position;
            var expected = whole.Next();
            var actual = resumed.Next();
            Assert.Equal(Tokens(expected), Tokens(actual));
            Assert.Equal(expected.Inputs, moved.Next().Inputs);
            Assert.Equal(whole.Position, resumed.Position);
            moved.Next();
        }
    });

    [Fact]
    public void SeedAndEpochDecideTheOrder()
    {
        using var split = TestTokens.Write(_folder.File("order"), TestTokens.Build([.. Enumerable.Repeat(4, 20)]));
        long[] Epoch(long seed, int epoch) => [.. Read(new PackedStream(split, 1, 80, seed), 80 * (epoch + 1)).Skip(80 * epoch).Select(t => t.Input)];
        Assert.Equal(Epoch(1, 0), Epoch(1, 0));
        Assert.NotEqual(Epoch(1, 0), Epoch(2, 0));
        Assert.NotEqual(Epoch(1, 0), Epoch(1, 1));
    }

    [Fact]
    public void OrderNeverChangesBetweenVersions()
    {
        using var split = TestTokens.Write(_folder.File("pinned"), TestTokens.Build([.. Enumerable.Repeat(1, 8)]));
        Assert.Equal([6, 12, 8, 10, 11, 9, 7, 5], Read(new PackedStream(split, 1, 8, seed: 42), 8).Select(t => t.Input % 1000));
    }

    [Fact]
    public void PositionOfOtherDataIsRefused()
    {
        using var split = TestTokens.Write(_folder.File("small"), TestTokens.Build([3, 3]));
        foreach (var position in new StreamPosition[] { new(0, 2), new(-1, 0), new(0, -1), new(3, 2) })
            Assert.Contains("other data", Assert.Throws<MotException>(() => new PackedStream(split, 1, 4, 0, position)).Message);
    }

    [Fact]
    public void NoTrainingDocumentsIsAnError()
    {
        using var split = TestTokens.Write(_folder.File("none"), []);
        Assert.Contains("validation_fraction", Assert.Throws<MotException>(() => new PackedStream(split, 1, 4, 0)).Message);
    }

    [Fact]
    public void OnePassHasEveryTokenOnceAndPaddingIsIgnored() => Sample((documents, split, rows, length, _) =>
    {
        var batches = split.OnePass(rows, length).ToList();
        var tokens = batches.SelectMany(Tokens).ToList();
        Assert.Equal(documents.SelectMany(d => Chunks(d, length)).SelectMany(c => c).Order(), Real(tokens).Select(t => (int)t.Input).Order());
        Assert.Equal(split.TokenCount - documents.Length, batches.Sum(b => b.TargetCount));
        Assert.All(tokens.Where(t => t.Input == TestTokens.Pad), t => Assert.Equal(Batch.IgnoredTarget, t.Target));
    });

    [Fact]
    public void CappedPassIsTheStartOfTheWholePass() => Sample((_, split, rows, length, _) =>
        Assert.Equal(split.OnePass(rows, length).Take(2).SelectMany(Tokens), split.OnePass(rows, length, maxBatches: 2).SelectMany(Tokens)));

    private void Sample(Action<TokenSequence[], PreparedSplit, int, int, long> check) => Cases.Sample(c =>
    {
        using var split = TestTokens.Write(_folder.File($"{Guid.NewGuid()}"), c.Documents);
        check(c.Documents, split, c.Rows, c.Length, c.Seed);
    }, iter: 40, threads: 1);

    private static List<Token> Read(PackedStream stream, int count)
    {
        var tokens = new List<Token>();
        while (tokens.Count < count)
            tokens.AddRange(Tokens(stream.Next()));
        return tokens[..count];
    }

    /// <summary>The rows of an epoch, from a stream of one row per batch.</summary>
    private static List<List<Token>> Epoch(PackedStream stream, long epoch)
    {
        var rows = new List<List<Token>>();
        for (stream.Position = new(epoch, 0); stream.Position.Epoch == epoch;)
            rows.Add([.. Tokens(stream.Next())]);
        return rows;
    }

    /// <summary>What a document is cut into; a last token that would stand alone is left out, for it predicts nothing.</summary>
    private static IEnumerable<int[]> Chunks(TokenSequence document, int length) => document.Ids.Chunk(length).Where((chunk, i) => i == 0 || (i * length) + 1 < document.Length);

    private static IEnumerable<Token> Real(IEnumerable<Token> tokens) => tokens.Where(t => t.Input != TestTokens.Pad);

    private static IEnumerable<Token[]> Pieces(List<Token> row) => Real(row).GroupBy(t => t.Segment).Select(g => g.ToArray());

    private static IEnumerable<Token> Tokens(Batch batch) =>
        Enumerable.Range(0, batch.RowCount * batch.Length).Select(i => new Token(batch.Inputs[i], batch.Modalities[i], batch.Targets[i], batch.TargetModalities[i], batch.Segments[i]));

    private sealed record Token(long Input, byte Modality, long Target, byte TargetModality, int Segment);
}
