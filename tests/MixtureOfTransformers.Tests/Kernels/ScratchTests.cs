using MixtureOfTransformers.Kernels;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed unsafe class ScratchTests
{
    [Fact]
    public void MemoryIsOnACacheLineLargeEnoughAndUsedAgain()
    {
        foreach (var count in new[] { 1, 1000, 50_000 })
        {
            var memory = Scratch.Of(count);
            Assert.Equal(0, (nint)memory % 64);
            new Span<float>(memory, count).Fill(count);
            Assert.True(memory == Scratch.Of(count));
        }
    }

    [Fact]
    public void EveryThreadHasItsOwn()
    {
        var own = (nint)Scratch.Of(10);
        var theirs = own;
        var thread = new Thread(() => theirs = (nint)Scratch.Of(10));
        thread.Start();
        thread.Join();
        Assert.NotEqual(own, theirs);
    }
}
