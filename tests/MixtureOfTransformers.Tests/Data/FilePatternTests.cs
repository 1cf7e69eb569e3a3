using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Data;

public sealed class FilePatternTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FilePatternTests()
    {
        foreach (var name in new[] { "a.txt", "b.txt", "c.md", "x/d.txt", "x/y/e.txt" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
            File.WriteAllText(_folder.File(name), name);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.txt", "a.txt")]
    [InlineData("*.txt", "a.txt b.txt")]
    [InlineData("?.md", "c.md")]
    [InlineData("*/*.txt", "x/d.txt")]
    [InlineData("x/**/*.txt", "x/d.txt x/y/e.txt")]
    [InlineData("x/**", "x/d.txt x/y/e.txt")]
    [InlineData("**/y/**", "x/y/e.txt")]
    [InlineData("**/*.txt", "a.txt b.txt x/d.txt x/y/e.txt")]
    public void WildcardsMatch(string pattern, string expected) =>
        Assert.Equal(expected, string.Join(' ', FilePattern.Expand(_folder.File(pattern)).Select(f => Path.GetRelativePath(_folder.Path, f))));

    [Theory]
    [InlineData("*.pdf", "no file matches")]
    [InlineData("none.txt", "does not exist")]
    [InlineData("nowhere/*.txt", "no file matches")]
    [InlineData("x", "is a folder")]
    public void NoMatchIsAnError(string pattern, string message) => Assert.Contains(message, Assert.Throws<MotException>(() => FilePattern.Expand(_folder.File(pattern))).Message);
}
