using System.Runtime.InteropServices;

namespace MixtureOfTransformers.Runtime;

/// <summary>Makes the dynamic loader take one loaded library for the file at another path, so that the second is not loaded as well.</summary>
/// <remarks>
/// TorchSharp always asks for the <c>libtorch_cpu.so</c> that lies in the program's folder, by its full path. When another libtorch was chosen, that would put
/// two into one process, which libtorch answers with an abort ("Tried to register multiple backend fallbacks"). glibc compares the path it is asked for with
/// <c>link_map.l_name</c> before it opens anything; that public field is pointed at the program's path, and the effect is checked before it is relied on.
/// </remarks>
internal static partial class LoadedAlias
{
    private const int Lazy = 1, NoLoad = 4, LinkMapRequest = 2;

    /// <summary>From now on loading <paramref name="path"/> yields <paramref name="library"/>.</summary>
    /// <returns>False where the loader does not work that way (no glibc); nothing is changed then.</returns>
    public static bool TryAdd(nint library, string path)
    {
        try
        {
            if (LinkMapOf(library, LinkMapRequest, out var map) != 0)
                return false;
            // struct link_map { ElfW(Addr) l_addr; char *l_name; … }. The string lives as long as the library, which is never unloaded.
            var before = Marshal.ReadIntPtr(map, nint.Size);
            Marshal.WriteIntPtr(map, nint.Size, Marshal.StringToCoTaskMemUTF8(path));
            if (Open(path, Lazy | NoLoad) == library)
                return true;
            Marshal.WriteIntPtr(map, nint.Size, before);
            return false;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "dlinfo")]
    private static partial int LinkMapOf(nint handle, int request, out nint map);

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int flags);
}
