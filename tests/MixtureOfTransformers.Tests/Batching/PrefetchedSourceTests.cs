using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Training;

namespace MixtureOfTransformers.Tests.Batching;

public sealed class PrefetchedSourceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void BatchesAndPositionsAreThoseOfTheSource()
    {
        using var folder = new TemporaryFolder();
        using var split = TestTokens.Write(folder.File("data"), TestTokens.Build([3, 6, 7, 2, 9, 4]));
        var plain = new PackedStream(split, 2, 10, seed: 3);
        using var ahead = new PrefetchedSource(new PackedStream(split, 2, 10, seed: 3), ahead: 3);
        for (var i = 0; i < 20; i++) // several epochs
        {
            Assert.Equal(plain.Position, ahead.Position);
            Assert.Equal(plain.Next().Inputs, ahead.Next().Inputs);
        }
        Assert.Equal(plain.Position, ahead.Position);
    }

    [Fact]
    public void TheNextBatchesAreMadeWhileNobodyAsksAndNoMoreThanAllowed()
    {
        using var made = new SemaphoreSlim(0);
        using var ahead = new PrefetchedSource(new TestTraining.Batches { Before = _ => made.Release() }, ahead: 2);
        ahead.Next();
        for (var i = 0; i < 4; i++) // the one that was taken, two that are ready, one that waits for room
            Assert.True(made.Wait(Patience), $"batch {i} was not made");
        Assert.False(made.Wait(TimeSpan.FromMilliseconds(50)), "a batch too many was made");
        Assert.Equal(1, ahead.Position.Row);
    }

    [Fact]
    public void ANewPositionDropsWhatWasReadAhead()
    {
        using var ahead = new PrefetchedSource(new TestTraining.Batches());
        ahead.Next();
        ahead.Position = new(0, 40);
        Assert.Equal(new TestTraining.Batches { Position = new(0, 40) }.Next().Inputs, ahead.Next().Inputs);
        Assert.Equal(41, ahead.Position.Row);
    }

    [Fact]
    public void AnErrorComesWithTheBatchItBelongsToAndThatBatchCanBeTriedAgain()
    {
        var broken = true;
        using var ahead = new PrefetchedSource(new TestTraining.Batches { Before = batch => ThrowAt(batch, () => broken) });
        for (var i = 0; i < 3; i++)
            ahead.Next();
        for (var i = 0; i < 2; i++)
            Assert.Equal("batch 3", Assert.Throws<MotException>(() => ahead.Next()).Message);
        Assert.Equal(3, ahead.Position.Row);
        broken = false;
        Assert.Equal(new TestTraining.Batches { Position = new(0, 3) }.Next().Inputs, ahead.Next().Inputs);
    }

    [Fact]
    public void DisposingStopsTheThreadAndPutsTheSourceBack()
    {
        var count = 0;
        var source = new TestTraining.Batches { Before = _ => Interlocked.Increment(ref count) };
        using (var ahead = new PrefetchedSource(source))
            ahead.Next();
        var stopped = Volatile.Read(ref count);
        Assert.Equal(1, source.Position.Row);
        Thread.Sleep(20);
        Assert.Equal(stopped, Volatile.Read(ref count));
    }

    private static void ThrowAt(long batch, Func<bool> broken)
    {
        if (batch == 3 && broken())
            throw new MotException("batch 3");
    }
}
