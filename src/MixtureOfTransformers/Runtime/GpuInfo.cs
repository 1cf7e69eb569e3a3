using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Runtime;

/// <summary>Names of GPUs, which TorchSharp does not tell.</summary>
internal static class GpuInfo
{
    private const string DriverFolder = "/proc/driver/nvidia/gpus";

    /// <summary>The name of a CUDA device as NVIDIA's driver on Linux has it; null where it cannot be known, as where some of several devices are hidden.</summary>
    public static string? NameOf(Device device)
    {
        if (device.type != DeviceType.CUDA || !Directory.Exists(DriverFolder))
            return null;
        string[] names = [.. Directory.EnumerateDirectories(DriverFolder).Order(StringComparer.Ordinal)
            .Select(folder => Path.Combine(folder, "information")).Where(File.Exists).Select(file => ModelIn(File.ReadLines(file))).OfType<string>()];
        return names.Distinct().Count() == 1 ? names[0] : null;
    }

    internal static string? ModelIn(IEnumerable<string> lines) =>
        lines.Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries)).FirstOrDefault(parts => parts is ["Model", _])?[1];
}
