using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace MixtureOfTransformers.Runtime;

/// <summary>Makes libtorch load with no action from the user: finds the native libraries, mends TorchSharp's shim where the system's libstdc++ is
/// older than the one it was linked against, and loads everything in order.</summary>
/// <remarks>
/// TorchSharp 0.107.0 on Linux asks for <c>GLIBCXX_3.4.32</c>. Debian 12 and Ubuntu 22.04 end at 3.4.30. The one symbol behind that version,
/// <c>_ZSt21ios_base_library_initv</c>, has no relocation, so the version need may be weak; see <see cref="WeakVersionNeed"/>.
/// The package's file is never written to: a private copy under <see cref="CacheFolder"/> is.
/// Nothing is loaded before it is needed: once this assembly is touched, the host asks here when TorchSharp's own search for its shim fails.
/// A program whose first torch call comes before any type of this library calls <see cref="EnsureLoaded"/> first.
/// </remarks>
public static class NativeRuntime
{
    /// <summary>The environment variable that names a folder with another libtorch, for instance a CUDA build or the <c>torch/lib</c> of an installed PyTorch.</summary>
    public const string LibtorchVariable = "MOT_LIBTORCH";

    /// <summary>The libtorch version that TorchSharp is built for (major.minor).</summary>
    public const string LibtorchVersion = "2.10";

    /// <summary>Newer versions (major.minor) that were seen to work with it; see docs/performance.md for what was run.</summary>
    internal static readonly string[] NewerVersionsSeenToWork = ["2.11"];

    private const string Shim = "libLibTorchSharp.so";
    private static readonly Lock Gate = new();
    private static bool _loaded;
    private static nint _shim;

    /// <summary>Where private copies are kept: <c>$XDG_CACHE_HOME/mot/native</c>, or <c>~/.cache/mot/native</c>, or the temporary folder when neither can be written.</summary>
    public static string CacheFolder => PrivateCopy.DefaultFolders().First();

    /// <summary>The folder that libtorch was loaded from; null before <see cref="EnsureLoaded"/>, and on systems where TorchSharp's own search is used.</summary>
    public static string? LibtorchFolder { get; private set; }

    /// <summary>The shim that was loaded; null before <see cref="EnsureLoaded"/>, and on systems where TorchSharp's own search is used.</summary>
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
    [SuppressMessage("Usage", "CA2255", Justification = "The hook must be in place before the first TorchSharp call of any caller.")]
    internal static void OnAssemblyLoad()
    {
        if (!OperatingSystem.IsLinux())
            return;
        NativeDefaults.Set();
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += OnUnresolved;
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(LibtorchVariable)))
            return;
        try
        {
            EnsureLoaded(); // at once: TorchSharp would find the program's own libtorch without asking
        }
        catch (NativeRuntimeException)
        {
            // A type initializer error would hide the message; whoever needs torch calls EnsureLoaded again and reports it.
        }
    }

    private static nint OnUnresolved(Assembly assembly, string name)
    {
        if (assembly.GetName().Name != "TorchSharp" || name != "LibTorchSharp")
            return 0;
        EnsureLoaded();
        return _shim;
    }

    private static void LoadOnLinux()
    {
        var program = NativeSearch.ProgramFolders();
        var libtorch = FindLibtorch(program);
        foreach (var library in NativeSearch.LibrariesInOrder(libtorch))
        {
            var handle = Load(library);
            if (Path.GetFileName(library) == NativeSearch.Libtorch)
                PreventSecond(handle, library, NativeSearch.Find(program, NativeSearch.Libtorch));
        }
        LibtorchFolder = libtorch;

        var shim = NativeSearch.Find(program, Shim)
            ?? throw new NativeRuntimeException($"{Shim} was not found (looked in {string.Join(", ", program)}); reference the package TorchSharp in the program");
        ShimPath = NativeLibrary.TryLoad(shim, out _shim) ? shim : LoadMended(shim);
    }

    private static string FindLibtorch(IReadOnlyList<string> program)
    {
        var chosen = Environment.GetEnvironmentVariable(LibtorchVariable);
        if (string.IsNullOrEmpty(chosen))
        {
            var found = NativeSearch.Find(program, NativeSearch.Libtorch)
                ?? throw new NativeRuntimeException($"{NativeSearch.Libtorch} was not found (looked in {string.Join(", ", program)}); reference the package libtorch-cpu-linux-x64 in the program, or set {LibtorchVariable} to a libtorch {LibtorchVersion} folder");
            return Path.GetDirectoryName(found)!;
        }
        var folder = NativeSearch.LibtorchFolderAt(chosen);
        if (!File.Exists(Path.Combine(folder, NativeSearch.Libtorch)))
            throw new NativeRuntimeException($"{LibtorchVariable}={chosen} holds no {NativeSearch.Libtorch} (looked in {folder}); set it to an unpacked libtorch {LibtorchVersion} folder, or unset it");
        if (NativeSearch.StatedVersion(folder) is { } version && !IsOf(version, LibtorchVersion) && !NewerVersionsSeenToWork.Any(newer => IsOf(version, newer)))
            throw new NativeRuntimeException($"{LibtorchVariable}={chosen} is libtorch {version}, but TorchSharp here needs {LibtorchVersion}.x; point it at that version, or unset it");
        return folder;
    }

    /// <summary>Whether a full version is of this major.minor.</summary>
    internal static bool IsOf(string version, string majorMinor) => version.StartsWith(majorMinor + ".", StringComparison.Ordinal);

    private static void PreventSecond(nint loaded, string loadedPath, string? programPath)
    {
        if (programPath is null || programPath == loadedPath || LoadedAlias.TryAdd(loaded, programPath))
            return;
        throw new NativeRuntimeException($"{loadedPath} cannot be used beside {programPath} on this system; delete the latter, or unset {LibtorchVariable}");
    }

    private static string LoadMended(string shim)
    {
        var original = File.ReadAllBytes(shim);
        if (!WeakVersionNeed.TryMark(original, "GLIBCXX_3.4.32", out var mended))
        {
            _shim = Load(shim); // not the known fault: report what the loader says
            return shim;
        }
        NativeRuntimeException? first = null;
        foreach (var copy in PrivateCopy.Each(Shim, mended, PrivateCopy.DefaultFolders()))
        {
            try
            {
                _shim = Load(copy);
                ShimWasMended = true;
                return copy;
            }
            catch (NativeRuntimeException error)
            {
                first ??= error; // perhaps a folder mounted noexec: try the next one
            }
        }
        throw first!; // Each yields at least one copy, or throws itself
    }

    private static nint Load(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw NativeRuntimeException.ForLibrary(path, error.Message);
        }
    }
}
