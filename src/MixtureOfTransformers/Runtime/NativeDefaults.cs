using System.Runtime.InteropServices;

namespace MixtureOfTransformers.Runtime;

/// <summary>What libtorch and its threads read from the environment as they load, set to what pays here unless the user has chosen; see docs/performance.md.</summary>
internal static partial class NativeDefaults
{
    /// <summary>Makes OpenMP threads give up spinning soon when they wait. By default they spin for long, and beside any other busy process on the same cores a training step
    /// then takes many times as long.</summary>
    private static readonly Default Spinning = new("GOMP_SPINCOUNT", "1000", "OMP_WAIT_POLICY");

    /// <summary>Lets libtorch ask the kernel for pages of 2 MiB for tensors of that size or more: a step makes and frees many, and every new page of 4 KiB is a fault.</summary>
    private static readonly Default HugePages = new("THP_MEM_ALLOC_ENABLE", "1");

    /// <summary>Sets them in the native environment. Works only before libtorch is loaded.</summary>
    public static void Set()
    {
        if (!OperatingSystem.IsLinux())
            return;
        foreach (var (name, value, otherChoice) in new[] { Spinning, HugePages })
            if (Environment.GetEnvironmentVariable(name) is null && (otherChoice is null || Environment.GetEnvironmentVariable(otherChoice) is null))
                _ = SetEnvironment(name, value, 0);
    }

    /// <summary>.NET keeps a copy of the environment; native code reads the C library's.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    /// <param name="Name">The variable.</param>
    /// <param name="Value">Its default here.</param>
    /// <param name="OtherChoice">Another variable by which a user may have chosen.</param>
    private sealed record Default(string Name, string Value, string? OtherChoice = null);
}
