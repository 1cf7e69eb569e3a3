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
    public void AnEpochHasEveryTokenExactlyOnceAndDocumentsInOnePiece() => Sample((documents, split, rows, length, seed) =>
    {
        var inputs = Read(new PackedStream(split, rows, length, seed), 3 * (int)split.TokenCount).Select(t => t.Input).ToArray();
        var byFirst = documents.ToDictionary(d => (long)d.Ids[0]);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            var tokens = inputs.AsSpan(epoch * (int)split.TokenCount, (int)split.TokenCount);
            var seen = new HashSet<TokenSequence>();
            while (tokens.Length > 0)
            {
                var document = byFirst[tokens[0]];
                Assert.True(seen.Add(document));
                Assert.Equal(document.Ids.Select(id => (long)id), tokens[..document.Length].ToArray());
                tokens = tokens[document.Length..];
            }
            Assert.Equal(documents.Length, seen.Count);
        }
    });

    [Fact]
    public void TargetIsTheNextTokenOfTheSameDocument() => Sample((documents, split, rows, length, seed) =>
    {
        var next = documents.SelectMany(d => d.Ids.Zip([.. d.Ids.Skip(1).Select(id => (long)id), Batch.IgnoredTarget])).ToDictionary(pair => (long)pair.First, pair => pair.Second);
        foreach (var token in Read(new PackedStream(split, rows, length, seed), 2 * (int)split.TokenCount))
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
            Assert.Equal(expected.Inputs, resumed.Next().Inputs);
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
        foreach (var position in new StreamPosition[] { new(0, 2, 0), new(0, 1, 3), new(-1, 0, 0), new(0, 0, -1) })
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
        var (real, padding) = (tokens[..(int)split.TokenCount], tokens[(int)split.TokenCount..]);
        Assert.Equal(documents.SelectMany(d => d.Ids).Order(), real.Select(t => (int)t.Input).Order());
        Assert.Equal(split.TokenCount - documents.Length, batches.Sum(b => b.TargetCount));
        Assert.All(padding, t => Assert.Equal((TestTokens.Pad, Batch.IgnoredTarget), (t.Input, t.Target)));
        Assert.True(padding.Count < rows * length);
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

    private static IEnumerable<Token> Tokens(Batch batch) =>
        Enumerable.Range(0, batch.RowCount * batch.Length).Select(i => new Token(batch.Inputs[i], batch.Modalities[i], batch.Targets[i], batch.TargetModalities[i]));

    private sealed record Token(long Input, byte Modality, long Target, byte TargetModality);
}
