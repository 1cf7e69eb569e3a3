using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Cli;

/// <summary>The native library of ONNX Runtime. It is large and seldom needed, so it is no dependency of this program: <c>MOT_ONNXRUNTIME</c> names the folder that it is in; without it, it is looked
/// for where .NET looks for libraries.</summary>
internal static class OnnxRuntimeLibrary
{
    /// <summary>Environment variable with the folder.</summary>
    public const string FolderVariable = "MOT_ONNXRUNTIME";

    private const string ImportName = "onnxruntime";
    private static readonly Lazy<nint> Handle = new(Load);

    /// <summary>Loads it, once.</summary>
    /// <exception cref="MotException">It is not there; the message says where to get it.</exception>
    public static void Require() => _ = Handle.Value;

    private static nint Load()
    {
        var assembly = typeof(InferenceSession).Assembly;
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        var found = string.IsNullOrEmpty(folder)
            ? NativeLibrary.TryLoad(ImportName, Assembly.GetExecutingAssembly(), null, out var handle)
            : NativeLibrary.TryLoad(Path.Combine(folder, $"lib{ImportName}.so"), out handle);
        if (!found)
            throw new MotException($"libonnxruntime.so was not found{(string.IsNullOrEmpty(folder) ? "" : $" in {folder}")}; set {FolderVariable} to the folder that holds it: 'lib' of ONNX Runtime's release, or "
                + $"runtimes/linux-x64/native of the NuGet package Microsoft.ML.OnnxRuntime {assembly.GetName().Version!.ToString(3)} or newer");
        NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name == ImportName ? handle : nint.Zero);
        return handle;
    }
}
