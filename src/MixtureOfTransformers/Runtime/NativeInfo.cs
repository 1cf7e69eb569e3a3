using System.Reflection;
using System.Text.Json.Serialization;
using TorchSharp;

namespace MixtureOfTransformers.Runtime;

/// <summary>The native libraries under TorchSharp.</summary>
public sealed record NativeInfo
{
    /// <summary>Version of the TorchSharp package.</summary>
    [JsonPropertyName("torchsharp_version")]
    public required string TorchSharpVersion { get; init; }

    /// <summary>Version of libtorch: what the chosen folder states, or else the one TorchSharp is built for.</summary>
    public required string LibtorchVersion { get; init; }

    /// <summary>Whether everything loaded.</summary>
    public bool Loaded => Error is null;

    /// <summary>Why a library did not load, with the remedy; null when all did.</summary>
    public string? Error { get; init; }

    /// <summary>Folder that libtorch was loaded from; null when it was left to TorchSharp's own search.</summary>
    public string? LibtorchFolder { get; init; }

    /// <summary>The shim between TorchSharp and libtorch; null when it was left to TorchSharp's own search.</summary>
    public string? ShimPath { get; init; }

    /// <summary>Whether the shim is a private copy with one version need marked weak; see <see cref="NativeRuntime"/>.</summary>
    public bool ShimMended { get; init; }

    /// <summary>Threads that libtorch computes one operation with; 0 when it is not loaded.</summary>
    public int Threads { get; init; }

    /// <summary>Whether libtorch sees a CUDA device.</summary>
    public bool CudaAvailable { get; init; }

    /// <summary>CUDA devices that libtorch sees.</summary>
    public int CudaDeviceCount { get; init; }

    /// <summary>The versions alone, without loading libtorch.</summary>
    public static NativeInfo ReadVersions() => new() { TorchSharpVersion = VersionOf(typeof(torch).Assembly), LibtorchVersion = Libtorch() };

    /// <summary>Loads libtorch when it is not yet loaded, and describes it; a failure to load ends up in <see cref="Error"/>.</summary>
    public static NativeInfo Load()
    {
        try
        {
            NativeRuntime.EnsureLoaded();
            return ReadVersions() with
            {
                LibtorchFolder = NativeRuntime.LibtorchFolder,
                ShimPath = NativeRuntime.ShimPath,
                ShimMended = NativeRuntime.ShimWasMended,
                Threads = torch.get_num_threads(),
                CudaAvailable = torch.cuda.is_available(),
                CudaDeviceCount = torch.cuda.is_available() ? torch.cuda.device_count() : 0,
            };
        }
        catch (NativeRuntimeException error)
        {
            return ReadVersions() with { Error = error.Message };
        }
    }

    /// <summary>The product version of <paramref name="assembly"/> without the commit behind it.</summary>
    internal static string VersionOf(Assembly assembly) =>
        (assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version?.ToString(3) ?? "unknown").Split('+')[0];

    private static string Libtorch()
    {
        var chosen = Environment.GetEnvironmentVariable(NativeRuntime.LibtorchVariable);
        return (string.IsNullOrEmpty(chosen) ? null : NativeSearch.StatedVersion(NativeSearch.LibtorchFolderAt(chosen))) ?? NativeRuntime.LibtorchVersion;
    }
}
