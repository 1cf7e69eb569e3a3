using MixtureOfTransformers.Kernels;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed unsafe class ThreadBufferTests
{
    [Fact]
    public void MemoryIsOnACacheLineLargeEnoughAndUsedAgain()
    {
        foreach (var count in new[] { 1, 1000, 50_000 })
        {
            var memory = ThreadBuffer.Of(count);
            Assert.Equal(0, (nint)memory % 64);
            new Span<float>(memory, count).Fill(count);
            Assert.True(memory == ThreadBuffer.Of(count));
        }
    }

    [Fact]
    public void EveryThreadHasItsOwn()
    {
        var own = (nint)ThreadBuffer.Of(10);
        var theirs = own;
        var thread = new Thread(() => theirs = (nint)ThreadBuffer.Of(10));
        thread.Start();
        thread.Join();
        Assert.NotEqual(own, theirs);
    }
}
