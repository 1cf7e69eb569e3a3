using System.Runtime.InteropServices;

namespace MixtureOfTransformers.Runtime;

/// <summary>Makes libtorch's OpenMP threads give up spinning soon when they wait. By default they spin for long, and beside any other busy process on the same cores a
/// training step then takes many times as long; see docs/performance.md.</summary>
internal static partial class OpenMpWaiting
{
    private static readonly string[] OwnChoices = ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"];

    /// <summary>Sets <c>GOMP_SPINCOUNT=1000</c> in the native environment, unless the user has chosen. Works only before libgomp is loaded.</summary>
    public static void Soften()
    {
        if (OperatingSystem.IsLinux() && OwnChoices.All(name => Environment.GetEnvironmentVariable(name) is null))
            _ = SetEnvironment("GOMP_SPINCOUNT", "1000", 0);
    }

    /// <summary>.NET keeps a copy of the environment; libgomp reads the C library's.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
