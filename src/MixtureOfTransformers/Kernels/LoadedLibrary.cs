using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Functions of native libraries that libtorch has brought into the process, beyond those that TorchSharp knows.</summary>
internal static class LoadedLibrary
{
    /// <summary>The address of a function; 0 where there is none, and on systems other than Linux.</summary>
    /// <param name="isWanted">Told the file name of a loaded library.</param>
    /// <param name="function">The name it exports.</param>
    public static nint Find(Func<string, bool> isWanted, string function)
    {
        get_num_threads(); // so that libtorch is loaded
        if (!OperatingSystem.IsLinux())
            return 0;
        foreach (var line in File.ReadLines("/proc/self/maps"))
            if (line.IndexOf('/') is > 0 and var start && isWanted(Path.GetFileName(line[start..])) && NativeLibrary.TryLoad(line[start..], out var library) && NativeLibrary.TryGetExport(library, function, out var entry))
                return entry;
        return 0;
    }
}
