using System.Globalization;

namespace MixtureOfTransformers.Runtime;

/// <summary>Main memory in bytes, within the limits set on this process's container.</summary>
/// <param name="TotalBytes">What the process could use if it were alone.</param>
/// <param name="AvailableBytes">What is free for it now.</param>
public sealed record MemoryInfo(long TotalBytes, long AvailableBytes)
{
    /// <summary>Reads the system's and the control group's figures; elsewhere than on Linux, the garbage collector's.</summary>
    public static MemoryInfo Read()
    {
        if (File.Exists("/proc/meminfo") && FromMeminfo(File.ReadLines("/proc/meminfo")) is { } machine)
            return machine.Within(LongIn("/sys/fs/cgroup/memory.max"), LongIn("/sys/fs/cgroup/memory.current"))
                .Within(LongIn("/sys/fs/cgroup/memory/memory.limit_in_bytes"), LongIn("/sys/fs/cgroup/memory/memory.usage_in_bytes"));
        var seen = GC.GetGCMemoryInfo();
        return new(seen.TotalAvailableMemoryBytes, Math.Max(0, seen.TotalAvailableMemoryBytes - seen.MemoryLoadBytes));
    }

    internal static MemoryInfo? FromMeminfo(IEnumerable<string> lines)
    {
        long? total = null, available = null;
        foreach (var line in lines)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["MemTotal:", var totalKiB, ..] && long.TryParse(totalKiB, CultureInfo.InvariantCulture, out var t))
                total = t * 1024;
            else if (words is ["MemAvailable:", var availableKiB, ..] && long.TryParse(availableKiB, CultureInfo.InvariantCulture, out var a))
                available = a * 1024;
        }
        return total is { } bytes ? new(bytes, available ?? bytes) : null;
    }

    /// <summary>These figures under a control group's limit; no limit changes nothing.</summary>
    internal MemoryInfo Within(long? limit, long? used) =>
        limit is { } most && most < TotalBytes ? new(most, Math.Min(AvailableBytes, Math.Max(0, most - (used ?? 0)))) : this;

    private static long? LongIn(string path)
    {
        try
        {
            return File.Exists(path) && long.TryParse(File.ReadAllText(path).Trim(), CultureInfo.InvariantCulture, out var value) ? value : null; // "max" is no limit
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
