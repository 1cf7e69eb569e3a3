namespace MixtureOfTransformers.Tests;

/// <summary>File modes, where the system has them.</summary>
internal static class UnixMode
{
    public const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    public const UnixFileMode Everyone = (UnixFileMode)511;

    public static void Set(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }
}
