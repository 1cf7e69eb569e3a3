using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MixtureOfTransformers.Runtime;

/// <summary>Makes libtorch load with no action from the user: finds the native libraries, mends TorchSharp's shim where the system's libstdc++ is
/// older than the one it was linked against, and loads everything in order before TorchSharp's first use.</summary>
/// <remarks>
/// TorchSharp 0.107.0 on Linux asks for <c>GLIBCXX_3.4.32</c>. Debian 12 and Ubuntu 22.04 end at 3.4.30. The one symbol behind that version,
/// <c>_ZSt21ios_base_library_initv</c>, has no relocation, so the version need may be weak; see <see cref="WeakVersionNeed"/>.
/// The package's file is never written to: a private copy under <see cref="CacheFolder"/> is.
/// Runs when this assembly loads. A program that touches TorchSharp before any type of this library calls <see cref="EnsureLoaded"/> first.
/// </remarks>
public static class NativeRuntime
{
    /// <summary>The environment variable that names a folder with another libtorch of the same major.minor version, for instance a CUDA build.</summary>
    public const string LibtorchVariable = "MOT_LIBTORCH";

    /// <summary>The libtorch version that TorchSharp is built for (major.minor).</summary>
    public const string LibtorchVersion = "2.10";

    private const string Shim = "libLibTorchSharp.so";
    private static readonly Lock Gate = new();
    private static bool _loaded;

    /// <summary>Where private copies are kept: <c>$XDG_CACHE_HOME/mot/native</c>, or <c>~/.cache/mot/native</c>, or the temporary folder when neither can be written.</summary>
    public static string CacheFolder => PrivateCopy.DefaultFolder;

    /// <summary>The folder that libtorch was loaded from; null before loading, or where the system's own search found it.</summary>
    public static string? LibtorchFolder { get; private set; }

    /// <summary>The shim that was loaded; null before loading, or where TorchSharp loads its own.</summary>
    public static string? ShimPath { get; private set; }

    /// <summary>Whether a private copy of the shim was needed on this system.</summary>
    public static bool ShimWasMended { get; private set; }

    /// <summary>Loads the native libraries once; later calls do nothing.</summary>
    /// <exception cref="NativeRuntimeException">A library cannot be loaded; the message names it, the reason and the remedy.</exception>
    public static void EnsureLoaded()
    {
        lock (Gate)
        {
            if (_loaded)
                return;
            if (OperatingSystem.IsLinux())
                LoadOnLinux();
            _loaded = true;
        }
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Native libraries must be in place before the first TorchSharp call of any caller.")]
    internal static void OnAssemblyLoad()
    {
        try
        {
            EnsureLoaded();
        }
        catch (NativeRuntimeException)
        {
            // A type initializer error would hide the message; commands that need torch call EnsureLoaded again and report it.
        }
    }

    private static void LoadOnLinux()
    {
        var folders = CandidateFolders().Where(Directory.Exists).Distinct().ToList();
        var chosen = Environment.GetEnvironmentVariable(LibtorchVariable);
        if (!string.IsNullOrEmpty(chosen))
            folders = [LibtorchAt(chosen)];
        var libtorch = folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "libtorch_cpu.so")));
        if (libtorch is null)
        {
            if (!string.IsNullOrEmpty(chosen))
                throw new NativeRuntimeException($"{LibtorchVariable}={chosen} holds no libtorch_cpu.so (looked in {folders[0]}); set it to an unpacked libtorch {LibtorchVersion} folder, or unset it");
            throw new NativeRuntimeException($"libtorch_cpu.so was not found (looked in {string.Join(", ", folders)}); reference the package libtorch-cpu-linux-x64 in the program, or set {LibtorchVariable} to a libtorch {LibtorchVersion} folder");
        }
        CheckVersion(libtorch);
        foreach (var library in LibrariesInOrder(libtorch))
            Load(library);
        LibtorchFolder = libtorch;

        var shim = CandidateFolders().Select(folder => Path.Combine(folder, Shim)).FirstOrDefault(File.Exists)
            ?? throw new NativeRuntimeException($"{Shim} was not found beside the program; reference the package TorchSharp in it");
        if (NativeLibrary.TryLoad(shim, out _))
            ShimPath = shim;
        else
            LoadMended(shim);
    }

    private static void LoadMended(string shim)
    {
        var original = File.ReadAllBytes(shim);
        if (!WeakVersionNeed.TryMark(original, "GLIBCXX_3.4.32", out var mended))
        {
            Load(shim); // not the known fault: report what the loader says
            return;
        }
        var copy = PrivateCopy.Ensure(Shim, mended);
        Load(copy);
        (ShimPath, ShimWasMended) = (copy, true);
    }

    private static void Load(string path)
    {
        try
        {
            NativeLibrary.Load(path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw NativeRuntimeException.ForLibrary(path, error.Message);
        }
    }

    private static string LibtorchAt(string folder)
    {
        var lib = Path.Combine(folder, "lib");
        return Path.GetFullPath(File.Exists(Path.Combine(lib, "libtorch_cpu.so")) ? lib : folder);
    }

    /// <summary>An unpacked libtorch says its version in <c>build-version</c> beside <c>lib/</c>; the NuGet package's folder has none.</summary>
    private static void CheckVersion(string libtorch)
    {
        var file = Path.Combine(libtorch, "..", "build-version");
        if (!File.Exists(file))
            return;
        var version = File.ReadAllText(file).Trim();
        if (!version.StartsWith(LibtorchVersion + ".", StringComparison.Ordinal))
            throw new NativeRuntimeException($"{libtorch} is libtorch {version}, but TorchSharp here needs {LibtorchVersion}.x; point {LibtorchVariable} at that version, or unset it");
    }

    private static IEnumerable<string> LibrariesInOrder(string folder)
    {
        string[] patterns = ["libgomp-*.so*", "libcudart*.so*", "libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];
        return patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> CandidateFolders()
    {
        string[] roots = [AppContext.BaseDirectory, Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location) is { Length: > 0 } own ? own : AppContext.BaseDirectory];
        foreach (var root in roots.Distinct())
        {
            yield return root;
            yield return Path.Combine(root, "runtimes", "linux-x64", "native");
        }
        // Packages that are not copied to the output (single-file programs run with `dotnet run file.cs`, class library hosts).
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string directories)
            foreach (var folder in directories.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
                yield return folder;
    }
}
