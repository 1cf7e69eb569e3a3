using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.RegularExpressions;

namespace MixtureOfTransformers.Runtime;

/// <summary>Where native libraries may lie, in the order in which the .NET host itself looks, so that TorchSharp's own search ends at the same files.</summary>
internal static partial class NativeSearch
{
    public const string Libtorch = "libtorch_cpu.so";

    /// <summary>Existing folders of the running program, without repeats.</summary>
    public static IReadOnlyList<string> ProgramFolders() => [.. Candidates().Select(Path.GetFullPath).Select(Path.TrimEndingDirectorySeparator).Where(Directory.Exists).Distinct()];

    /// <summary>The first of <paramref name="folders"/> that holds <paramref name="file"/>, as the path of that file; null when none does.</summary>
    public static string? Find(IEnumerable<string> folders, string file) => folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    /// <summary>The folder with libtorch's libraries for a folder the user named: itself, or <c>lib</c> in it as in an unpacked libtorch.</summary>
    public static string LibtorchFolderAt(string folder)
    {
        var lib = Path.Combine(folder, "lib");
        return Path.GetFullPath(File.Exists(Path.Combine(lib, Libtorch)) ? lib : folder);
    }

    /// <summary>libtorch's own libraries in <paramref name="folder"/>, each after those it needs.</summary>
    public static IEnumerable<string> LibrariesInOrder(string folder)
    {
        string[] patterns = ["libgomp-*.so*", "libcudart*.so*", "libc10.so", Libtorch, "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];
        return patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal));
    }

    /// <summary>The version that stands beside the <c>lib</c> of an unpacked libtorch (<c>build-version</c>) or of PyTorch as pip installs it (<c>version.py</c>); null for a
    /// NuGet package's folder, which states none.</summary>
    public static string? StatedVersion(string libtorchFolder)
    {
        var (libtorch, python) = (Path.Combine(libtorchFolder, "..", "build-version"), Path.Combine(libtorchFolder, "..", "version.py"));
        if (File.Exists(libtorch))
            return File.ReadAllText(libtorch).Trim();
        return File.Exists(python) && PythonVersion().Match(File.ReadAllText(python)) is { Success: true } match ? match.Groups[1].Value : null;
    }

    [GeneratedRegex(@"^__version__ = '([^']+)'", RegexOptions.Multiline)]
    private static partial Regex PythonVersion();

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "In a single-file program the assembly has no location; the program's own folder is looked at instead.")]
    private static string AssemblyFolder() => Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;

    private static IEnumerable<string> Candidates()
    {
        // What the host read from deps.json; the only place for programs run with `dotnet run file.cs`, whose packages are not copied.
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string directories)
            foreach (var folder in directories.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
                yield return folder;
        foreach (var root in new[] { AssemblyFolder(), AppContext.BaseDirectory })
        {
            yield return root;
            yield return Path.Combine(root, "runtimes", "linux-x64", "native");
        }
    }
}
