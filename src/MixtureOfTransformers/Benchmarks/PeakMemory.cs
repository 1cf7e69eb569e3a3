using System.Globalization;
using System.Runtime.InteropServices;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>Most resident memory of this process since a moment, as Linux counts it (VmHWM).</summary>
internal static partial class PeakMemory
{
    private const string ClearReferences = "/proc/self/clear_refs", ResetPeak = "5";

    /// <summary>Gives memory that was freed back to the system where the C library can, and starts counting anew.</summary>
    /// <returns>Whether the system can; if not, <see cref="Read"/> means nothing.</returns>
    public static bool TryReset()
    {
        try
        {
            if (OperatingSystem.IsLinux())
                _ = TrimHeap(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than glibc: it keeps what was freed, and the peak is an upper bound.
        }
        try
        {
            File.WriteAllText(ClearReferences, ResetPeak);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The peak since the last reset, in bytes; null where the system does not tell.</summary>
    public static long? Read()
    {
        try
        {
            return Parse(File.ReadLines("/proc/self/status"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static long? Parse(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is ["VmHWM:", var kib, "kB"] && long.TryParse(kib, CultureInfo.InvariantCulture, out var value))
                return value * 1024;
        return null;
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int TrimHeap(nuint keep);
}
