using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Storage;

public sealed class AtomicFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("new")]
    [InlineData("new/")]
    [InlineData("deep/er")]
    public void FolderAppearsWithItsContent(string name)
    {
        AtomicFolder.Write(_folder.File(name), f => File.WriteAllText(Path.Combine(f, "a"), "x"));
        Assert.Equal("x", File.ReadAllText(Path.Combine(_folder.File(name), "a")));
    }

    [Fact]
    public void EmptyFolderIsFilled()
    {
        Directory.CreateDirectory(_folder.File("empty"));
        AtomicFolder.Write(_folder.File("empty"), f => File.WriteAllText(Path.Combine(f, "a"), "x"));
        Assert.True(File.Exists(_folder.File("empty/a")));
    }

    [Fact]
    public void FailureLeavesNothing()
    {
        Assert.Throws<InvalidOperationException>(() => AtomicFolder.Write(_folder.File("new"), f =>
        {
            File.WriteAllText(Path.Combine(f, "a"), "x");
            throw new InvalidOperationException();
        }));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void FullFolderIsKept()
    {
        File.WriteAllText(_folder.File("old"), "old");
        Assert.Throws<MotException>(() => AtomicFolder.Write(_folder.Path, _ => { }));
        Assert.Throws<MotException>(() => AtomicFolder.Write(_folder.File("old"), _ => { }));
        Assert.Equal([_folder.File("old")], Directory.GetFileSystemEntries(_folder.Path));
    }
}
