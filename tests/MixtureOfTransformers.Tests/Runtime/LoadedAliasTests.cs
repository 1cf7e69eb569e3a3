using System.Runtime.InteropServices;
using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Tests.Runtime;

public sealed class LoadedAliasTests
{
    [Fact]
    public void ALoadedLibraryStandsInForTheFileAtAnotherPath()
    {
        var library = Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.IO.Compression.Native.so").FirstOrDefault();
        if (library is null || !File.Exists("/lib64/ld-linux-x86-64.so.2"))
            Assert.Skip("this is not glibc on x64");
        using var folder = new TemporaryFolder();
        var copies = new[] { "first.so", "second.so", "third.so" }.Select(folder.File).ToArray();
        foreach (var copy in copies)
            File.Copy(library, copy);
        var first = NativeLibrary.Load(copies[0]);
        Assert.True(LoadedAlias.TryAdd(first, copies[1]));
        Assert.Equal(first, NativeLibrary.Load(copies[1]));
        Assert.NotEqual(first, NativeLibrary.Load(copies[2])); // without an alias a copy is another library
    }
}
