using MixtureOfTransformers.Kernels;

namespace MixtureOfTransformers.Tests.Kernels;

[Collection(nameof(ThreadCount))]
public sealed class CoresTests
{
    public static MatrixTheoryData<int, int> CountsAndThreads { get; } = new([0, 1, 2, 3, 1000], [1, 2, 5]);

    [Theory]
    [MemberData(nameof(CountsAndThreads))]
    public void EveryIndexRunsExactlyOnce(int count, int threads)
    {
        var runs = new int[count];
        ThreadCount.With(threads, () => Cores.For(count, i => Interlocked.Increment(ref runs[i])));
        Assert.All(runs, times => Assert.Equal(1, times));
    }

    [Fact]
    public void PiecesRunAtTheSameTime()
    {
        using var both = new Barrier(2);
        var met = new bool[2];
        ThreadCount.With(2, () => Cores.For(2, i => met[i] = both.SignalAndWait(TimeSpan.FromSeconds(20))));
        Assert.Equal([true, true], met);
    }

    [Fact]
    public void OneThreadIsTheCallers()
    {
        var threads = new HashSet<int>();
        ThreadCount.With(1, () => Cores.For(50, _ => threads.Add(Environment.CurrentManagedThreadId)));
        Assert.Equal([Environment.CurrentManagedThreadId], threads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AnExceptionOfAPieceReachesTheCaller(int threads) => ThreadCount.With(threads, () =>
    {
        var error = Assert.Throws<NotSupportedException>(() => Cores.For(10, i => ThrowAt(i, 3)));
        Assert.Equal("piece 3", error.Message);
        Assert.Contains(nameof(ThrowAt), error.StackTrace);
        var runs = 0;
        Cores.For(10, _ => Interlocked.Increment(ref runs));
        Assert.Equal(10, runs);
    });

    public static MatrixTheoryData<long, long> BlocksOfRows { get; } = new([0, 1, 7, 8, 1000, 3_000_000_000], [0, 1, 32, 5000]);

    [Theory]
    [MemberData(nameof(BlocksOfRows))]
    public void BlocksCoverAllRowsAndNoneIsTooSmall(long count, long least)
    {
        var blocks = new List<(long From, long To)>();
        Cores.ForBlocks(count, least, (from, to) =>
        {
            lock (blocks)
                blocks.Add((from, to));
        });
        blocks.Sort();
        Assert.Equal(0, blocks[0].From);
        Assert.Equal(count, blocks[^1].To);
        Assert.All(blocks.Skip(1).Zip(blocks), pair => Assert.Equal(pair.Second.To, pair.First.From));
        Assert.All(blocks, block => Assert.True(blocks.Count == 1 || block.To - block.From >= least));
    }

    private static void ThrowAt(int i, int bad)
    {
        if (i == bad)
            throw new NotSupportedException($"piece {i}");
    }
}
