using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Tests.Runtime;

public sealed class NativeSearchTests
{
    [Theory]
    [InlineData("build-version", "2.10.0+cu128\n", "2.10.0+cu128")]
    [InlineData("version.py", "from typing import Optional\n\n__all__ = ['__version__', 'cuda']\n__version__ = '2.11.0+cu130'\ncuda: Optional[str] = '13.0'\n", "2.11.0+cu130")]
    [InlineData("other", "2.10", null)]
    public void TheVersionIsWhatTheFolderStates(string file, string text, string? version)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("lib"));
        File.WriteAllText(folder.File(file), text);
        Assert.Equal(version, NativeSearch.StatedVersion(folder.File("lib")));
    }
}
