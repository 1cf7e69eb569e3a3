using System.Security.Cryptography;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Runtime;

/// <summary>A file kept in the user's cache under a name derived from its content, so that versions never mix and a damaged copy is noticed.</summary>
internal static class PrivateCopy
{
    public static string DefaultFolder => Folders().First();

    /// <summary>The path of a file with exactly this content, written when missing or damaged. Two processes may call it at once.</summary>
    /// <exception cref="NativeRuntimeException">No folder can be written.</exception>
    public static string Ensure(string name, byte[] content)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(content))[..16];
        Exception? problem = null;
        foreach (var folder in Folders())
        {
            var path = Path.Combine(folder, hash, name);
            try
            {
                if (!(File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content)))
                    AtomicFile.WriteBytes(path, content);
                return path;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                problem = error;
            }
        }
        throw new NativeRuntimeException($"no folder for a private copy of {name} can be written ({problem?.Message}); set XDG_CACHE_HOME to a writable folder");
    }

    private static IEnumerable<string> Folders()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (!string.IsNullOrEmpty(cache) && Path.IsPathRooted(cache))
            yield return Path.Combine(cache, "mot", "native");
        if (!string.IsNullOrEmpty(home))
            yield return Path.Combine(home, ".cache", "mot", "native");
        // A name of one's own, so that no other user's file is ever loaded from the shared temporary folder.
        yield return Path.Combine(Path.GetTempPath(), $"mot-native-{Environment.UserName}");
    }
}
