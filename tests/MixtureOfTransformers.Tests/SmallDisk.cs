using System.ComponentModel;
using System.Diagnostics;

namespace MixtureOfTransformers.Tests;

/// <summary>A folder that soon is full.</summary>
internal static class SmallDisk
{
    /// <summary>Mounts a tmpfs over <paramref name="folder"/>; false where that is not allowed.</summary>
    public static bool Mount(string folder, string size) => OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", folder);

    public static void Unmount(string folder) => Run("umount", folder);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
