using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Tests.Runtime;

public sealed class NativeRuntimeExceptionTests
{
    private const string Hint = "Unable to load shared library '/app/libX.so' or one of its dependencies. In order to help diagnose loading problems, consider using a tool like strace:\n";

    [Fact]
    public void AMissingVersionNamesItAndTheLibraryThatLacksIt() => Assert.Equal(
        "/app/libX.so needs version GLIBCXX_3.4.32, which /lib/x86_64-linux-gnu/libstdc++.so.6 lacks; update that library or the system (Debian 12, Ubuntu 22.04 and newer are known to work)",
        Message("/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libX.so)"));

    [Fact]
    public void AMissingLibraryIsNamed() => Assert.Equal(
        "/app/libX.so needs libgomp.so.1, which is not installed; install the system package that holds it",
        Message("libgomp.so.1: cannot open shared object file: No such file or directory"));

    [Fact]
    public void AMissingFileItselfIsNotCalledADependency() => Assert.Equal(
        "/app/libX.so does not exist; restore the program's packages, or build it again",
        Message("/app/libX.so: cannot open shared object file: No such file or directory"));

    [Fact]
    public void AMissingSymbolPointsAtTheLibtorchVersion() => Assert.Equal(
        "/app/libX.so needs symbol _ZN2at4_ops3foo4callE, which the loaded libtorch lacks; use libtorch 2.10 (unset MOT_LIBTORCH, or point it at that version)",
        Message("/app/libX.so: undefined symbol: _ZN2at4_ops3foo4callE"));

    [Fact]
    public void AnythingElseIsPassedOnInOneLine()
    {
        var message = Message("/app/libX.so: invalid ELF header");
        Assert.StartsWith("/app/libX.so cannot be loaded: ", message);
        Assert.Contains("invalid ELF header", message);
        Assert.DoesNotContain('\n', message);
    }

    private static string Message(string loader) => NativeRuntimeException.ForLibrary("/app/libX.so", Hint + loader).Message;
}
