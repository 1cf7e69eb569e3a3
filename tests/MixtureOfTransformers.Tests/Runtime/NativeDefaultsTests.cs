using System.Runtime.InteropServices;
using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Tests.Runtime;

public sealed partial class NativeDefaultsTests
{
    [Theory]
    [InlineData("GOMP_SPINCOUNT")]
    [InlineData("THP_MEM_ALLOC_ENABLE")]
    public void NativeCodeFindsOurDefaultWhereTheUserHasNotChosen(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null, "set on Linux alone, and only where nothing else was chosen");
        NativeRuntime.EnsureLoaded();
        Assert.Equal(Environment.GetEnvironmentVariable(name) ?? (name == "GOMP_SPINCOUNT" ? "1000" : "1"), Marshal.PtrToStringUTF8(NativeVariable(name)));
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NativeVariable(string name);
}
