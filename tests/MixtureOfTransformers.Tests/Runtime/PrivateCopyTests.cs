using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Tests.Runtime;

public sealed class PrivateCopyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _content = Content(1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ACopyHasTheContentAndIsReused()
    {
        var path = First(_folder.File("a"));
        var written = File.GetLastWriteTimeUtc(path);
        Assert.Equal(_content, File.ReadAllBytes(path));
        Assert.Equal((path, written), (First(_folder.File("a")), File.GetLastWriteTimeUtc(path)));
    }

    [Fact]
    public void OtherContentLiesElsewhere() => Assert.NotEqual(First(_folder.File("a")), PrivateCopy.Each("lib.so", Content(2), [_folder.File("a")]).First());

    [Fact]
    public void ADamagedOrTruncatedCopyIsWrittenAgain()
    {
        var path = First(_folder.File("a"));
        foreach (var damage in new[] { _content[..100], [.. _content[..^1], (byte)(_content[^1] ^ 1)] })
        {
            File.WriteAllBytes(path, damage);
            Assert.Equal(_content, File.ReadAllBytes(First(_folder.File("a"))));
        }
    }

    [Fact]
    public void ManyAtOnceLeaveOneWholeFile()
    {
        var paths = new string[16];
        Parallel.For(0, paths.Length, i =>
        {
            paths[i] = First(_folder.File("a"));
            Assert.Equal(_content, File.ReadAllBytes(paths[i]));
        });
        Assert.Single(paths.Distinct());
        Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void AFolderThatCannotBeWrittenIsPassedOver()
    {
        File.WriteAllText(_folder.File("file"), ""); // no folder can be made under a file, whoever asks
        Assert.StartsWith(_folder.File("b"), First(_folder.File("file/a"), _folder.File("b")));
    }

    [Fact]
    public void AFolderThatOthersMayWriteToIsNotTrusted()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no such modes");
        Directory.CreateDirectory(_folder.File("open"));
        UnixMode.Set(_folder.File("open"), UnixMode.Everyone);
        Assert.StartsWith(_folder.File("b"), First(_folder.File("open"), _folder.File("b")));
    }

    [Fact]
    public void WithoutAnyFolderTheErrorTellsWhatToSet()
    {
        File.WriteAllText(_folder.File("file"), "");
        var error = Assert.Throws<NativeRuntimeException>(() => First(_folder.File("file/a")));
        Assert.Contains("set XDG_CACHE_HOME", error.Message);
    }

    [Fact]
    public void TwoProcessesOnAnEmptyCacheBothStart()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("private copies are for Linux");
        var runs = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () => ChildProcess.Mot(["doctor", "--json"], ("XDG_CACHE_HOME", _folder.Path), ("OMP_NUM_THREADS", "1")), TaskCreationOptions.LongRunning)).ToArray();
        Assert.All(runs, run => Assert.Equal(0, run.Result.ExitCode));
        if (NativeRuntime.ShimWasMended)
            Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    private string First(params string[] folders) => PrivateCopy.Each("lib.so", _content, folders).First();

    private static byte[] Content(int seed)
    {
        var bytes = new byte[100_000];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
