using System.Security.Cryptography;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Runtime;

/// <summary>A file kept in the user's cache under a name derived from its content, so that versions never mix and a damaged copy is noticed.</summary>
internal static class PrivateCopy
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folders to try, best first: the user's cache, then a folder of the user's own in the temporary one.</summary>
    public static IEnumerable<string> DefaultFolders()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (!string.IsNullOrEmpty(cache) && Path.IsPathRooted(cache))
            yield return Path.Combine(cache, "mot", "native");
        if (!string.IsNullOrEmpty(home))
            yield return Path.Combine(home, ".cache", "mot", "native");
        yield return Path.Combine(Path.GetTempPath(), $"mot-native-{Environment.UserName}");
    }

    /// <summary>Paths of files with exactly this content, one for each folder that can be written; written when missing or damaged, and only when the
    /// caller moves on to them. Two processes may do so at once.</summary>
    /// <exception cref="NativeRuntimeException">None can be written.</exception>
    public static IEnumerable<string> Each(string name, byte[] content, IEnumerable<string> folders)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(content))[..16];
        string? problem = null;
        var any = false;
        foreach (var folder in folders)
        {
            var path = Path.Combine(folder, hash, name);
            try
            {
                Prepare(folder);
                if (!(File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content)))
                    AtomicFile.WriteBytes(path, content);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                problem = error.Message;
                continue;
            }
            any = true;
            yield return path;
        }
        if (!any)
            throw new NativeRuntimeException($"no folder for a private copy of {name} can be written ({problem}); set XDG_CACHE_HOME to a folder that can be written and executed from");
    }

    /// <summary>The temporary folder is shared: a folder there that others may write to is not trusted with code.</summary>
    private static void Prepare(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        Directory.CreateDirectory(folder, OwnerOnly);
        if ((File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
            throw new UnauthorizedAccessException($"others may write to {folder}");
        File.SetUnixFileMode(folder, OwnerOnly); // refused where the folder is another user's
    }
}
