using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Tests.Runtime;

public sealed class WeakVersionNeedTests
{
    private const string Version = "GLIBCXX_3.4.32";

    [Fact]
    public void ExactlyOneFlagOfTheRealShimChanges()
    {
        var shim = Shim();
        Assert.True(WeakVersionNeed.TryMark(shim, Version, out var marked));
        var changed = Enumerable.Range(0, shim.Length).Where(i => shim[i] != marked[i]).ToList();
        Assert.Equal(shim.Length, marked.Length);
        Assert.Equal(2, marked[Assert.Single(changed)] ^ shim[changed[0]]);
    }

    [Fact]
    public void MarkingTwiceIsMarkingOnce()
    {
        Assert.True(WeakVersionNeed.TryMark(Shim(), Version, out var once));
        Assert.True(WeakVersionNeed.TryMark(once, Version, out var twice));
        Assert.Equal(once, twice);
    }

    [Fact]
    public void AVersionThatIsNotNeededChangesNothing()
    {
        Assert.False(WeakVersionNeed.TryMark(Shim(), "GLIBCXX_9.9", out var marked));
        Assert.Empty(marked);
    }

    [Fact]
    public void OnlyTheWholeNameOfAVersionMatches()
    {
        var shim = Shim();
        Assert.True(WeakVersionNeed.TryMark(shim, "GLIBCXX_3.4", out var marked)); // and not GLIBCXX_3.4.9, …
        Assert.Single(Enumerable.Range(0, shim.Length), i => shim[i] != marked[i]);
    }

    [Fact]
    public void OtherFilesAreRefused()
    {
        var random = new Random(7);
        var garbage = new byte[4096];
        random.NextBytes(garbage);
        Assert.False(WeakVersionNeed.TryMark([], Version, out _));
        Assert.False(WeakVersionNeed.TryMark(garbage, Version, out _));
        Assert.False(WeakVersionNeed.TryMark("\u007fELF"u8.ToArray(), Version, out _));
        foreach (var (offset, value) in new[] { (4, (byte)1), (5, (byte)2) }) // 32-bit; big-endian
        {
            var other = Shim();
            other[offset] = value;
            Assert.False(WeakVersionNeed.TryMark(other, Version, out _));
        }
    }

    [Fact]
    public void ATruncatedFileIsRefused()
    {
        var shim = Shim();
        // The section table is at the end of the file, so every cut loses it.
        foreach (var length in new[] { 63, 64, 100, 5_000, shim.Length / 2, shim.Length - 1 })
            Assert.False(WeakVersionNeed.TryMark(shim.AsSpan(0, length), Version, out _), $"cut to {length} bytes");
    }

    [Fact]
    public void DamagedOffsetsAreRefusedAndNeverEndlessly()
    {
        var random = new Random(11);
        var shim = Shim();
        for (var trial = 0; trial < 200; trial++)
        {
            var damaged = shim.ToArray();
            // The header and the section table, where the offsets are.
            for (var i = 0; i < 8; i++)
                damaged[random.Next(2) == 0 ? random.Next(6, 64) : random.Next(shim.Length - 64 * 30, shim.Length)] = (byte)random.Next(256);
            WeakVersionNeed.TryMark(damaged, Version, out _); // must return
        }
    }

    private static byte[] Shim()
    {
        var path = NativeSearch.Find(NativeSearch.ProgramFolders(), "libLibTorchSharp.so");
        if (path is null)
            Assert.Skip("TorchSharp has no Linux shim here");
        return File.ReadAllBytes(path);
    }
}
